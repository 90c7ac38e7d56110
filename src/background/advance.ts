import type { ChainRecord, Run } from '../chains/record.ts';
import { isTerminal, mayMove, readServiceStatus, type TerminalStatus } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { Log } from '../platform/log.ts';
import type { Finish } from '../responses/finish.ts';
import type { ServiceAnswer, ServiceClient } from '../upstream/client.ts';
import { ServiceError } from '../upstream/errors.ts';
import type { ServiceResponse } from '../upstream/wire.ts';
import { closeLog, resumeStreamed, submitStreamed, type AdvanceStreamDeps } from './advance-stream.ts';
import { close } from './close.ts';
import { nextDelay, SUBMISSION_LIMIT, UNKNOWN_STATUS_LIMIT } from './schedule.ts';
import type { Submit, Submitted } from './submit.ts';

/** What one step found; small, because it goes into history. */
export interface Progress {
  done: boolean;
  /** Milliseconds until the next look. */
  delayMs: number;
  /** Where the run stands, for the person who looks at the orchestration. */
  note: string;
}

export interface AdvanceDeps {
  store: ChainStore;
  service: Pick<ServiceClient, 'retrieveResponse' | 'cancelResponse' | 'deleteResponse'>;
  submit: Submit;
  streams: AdvanceStreamDeps;
  finish: Finish;
  clock: Clock;
  polling: Config['polling'];
  log: Log;
}

/** One idempotent step of a background run: reads the record and does the next right thing. Safe to call at any time, any number of times. */
export type Advance = (id: string) => Promise<Progress>;

const DONE: Progress = { done: true, delayMs: 0, note: 'ended' };

export function createAdvance(deps: AdvanceDeps): Advance {
  return async (id) => {
    const record = await deps.store.read(id);
    if (record === undefined || record.status === 'deleted') return DONE;
    if (isTerminal(record.status)) return ended(deps, record);
    if (record.service === undefined) return submitWhenFree(deps, record);
    if (isStreamed(record)) {
      const streamed = await resumeStreamed(deps.streams, record);
      if (streamed !== undefined) return (await giveUpWhenOverdue(deps, record, record.service.id)) ?? streamed;
    }
    return look(deps, record, record.service.id);
  };
}

/** Azure's image tool cannot stream: such a run is polled, and its events are made from the result whenever somebody looks. */
export const isStreamed = (record: ChainRecord): boolean => record.streamed && record.imageDeployment === undefined;

/** The record has its end; the log of a streamed run must have one too. */
async function ended(deps: AdvanceDeps, record: ChainRecord): Promise<Progress> {
  if (!isStreamed(record) || (await closeLog(deps.streams, record))) return DONE;
  return wait(deps.polling.firstMs, 'closing the event log');
}

/** Not at the service yet: submit it, unless somebody holds the lease or it has waited too long. */
async function submitWhenFree(deps: AdvanceDeps, record: ChainRecord): Promise<Progress> {
  const now = deps.clock.now();
  if (now - record.createdAt * 1000 > deps.polling.queuedLimitMs) {
    return end(deps, record, 'failed', {
      code: 'server_error',
      message: 'The service did not take this run in time: it kept refusing or could not be reached.',
    });
  }
  const free = freeAt(deps, record, now);
  if (free !== undefined) return free;
  const submitted = isStreamed(record) ? await submitStreamed(deps.streams, record) : await deps.submit(record);
  return 'outcome' in submitted ? afterSubmission(deps, record, submitted) : submitted;
}

/** How long to wait before the run may be submitted; undefined when that is now. */
function freeAt(deps: AdvanceDeps, record: ChainRecord, now: number): Progress | undefined {
  const { nextLookAt = 0, lease } = runOf(record);
  if (nextLookAt > now) return wait(nextLookAt - now, 'waiting to be submitted');
  const leasedUntil = lease?.until ?? 0;
  // Whoever submits is mostly done in a moment: that should be seen then, not only when the lease would end.
  return leasedUntil > now
    ? wait(Math.min(leasedUntil - now, deps.polling.firstMs), 'somebody else is submitting it')
    : undefined;
}

async function afterSubmission(deps: AdvanceDeps, record: ChainRecord, submitted: Submitted): Promise<Progress> {
  switch (submitted.outcome) {
    case 'submitted':
      return wait(deps.polling.firstMs, 'submitted');
    case 'put-off':
      return wait(submitted.delayMs, 'the service is not taking it; trying again');
    case 'refused':
      return end(deps, record, 'failed', {
        code: submitted.error.toBody().code ?? 'invalid_request',
        message: submitted.error.message,
      });
    case 'lost':
      return wait(deps.polling.firstMs, 'somebody else is submitting it');
  }
}

async function look(deps: AdvanceDeps, record: ChainRecord, serviceId: string): Promise<Progress> {
  let answer: ServiceAnswer<ServiceResponse>;
  try {
    answer = await deps.service.retrieveResponse(serviceId, {}, { traceparent: record.traceparent });
  } catch (error) {
    return unanswered(deps, record, serviceId, error);
  }
  const status = readServiceStatus(answer.body.status);
  if (status === undefined) return unknownStatus(deps, record, answer.body.status ?? '(none)', serviceId);
  if (!isTerminal(status)) return stillRunning(deps, record, status, serviceId);
  const emptyFailure = status === 'failed' && answer.body.error == null;
  if (emptyFailure && runOf(record).attempts < SUBMISSION_LIMIT) {
    return resubmit(deps, record, 'The service failed the run without saying why.');
  }
  return finished(deps, record, answer);
}

/** The service throttles, fails or cannot be reached: look again later, within the ceilings. A 404 means that the run is gone. */
async function unanswered(
  deps: AdvanceDeps,
  record: ChainRecord,
  serviceId: string,
  error: unknown,
): Promise<Progress> {
  if (error instanceof ServiceError && error.serviceStatus === 404) {
    return resubmit(deps, record, 'The run vanished at the service.');
  }
  const advisedMs = error instanceof ServiceError ? (error.detail.retryAfterSeconds ?? 0) * 1000 : 0;
  const overdue = await giveUpWhenOverdue(deps, record, serviceId);
  return overdue ?? wait(Math.max(advisedMs, delayOf(deps, record)), 'the service does not answer; looking again');
}

async function finished(
  deps: AdvanceDeps,
  record: ChainRecord,
  answer: ServiceAnswer<ServiceResponse>,
): Promise<Progress> {
  const { record: done } = await deps.finish(record, answer);
  const now = await deps.store.update(record.id, (current) =>
    mayMove(current.status, done.status) ? { ...done, run: runOf(record), _etag: current._etag } : undefined,
  );
  deps.log.finished({
    responseId: record.id,
    status: now?.status ?? 'gone',
    polls: runOf(record).polls,
    serviceRequestId: answer.requestId,
  });
  return now === undefined ? DONE : ended(deps, now);
}

async function stillRunning(
  deps: AdvanceDeps,
  record: ChainRecord,
  status: 'queued' | 'in_progress',
  serviceId: string,
): Promise<Progress> {
  const overdue = await giveUpWhenOverdue(deps, record, serviceId);
  if (overdue !== undefined) return overdue;
  if (status !== record.status && mayMove(record.status, status)) {
    const envelope = await deps.store.open(record.envelope);
    await deps.store.update(record.id, (current) =>
      mayMove(current.status, status)
        ? {
            ...current,
            status,
            envelope: { inline: { ...envelope, status } },
            run: { ...runOf(current), startedAt: runOf(current).startedAt ?? deps.clock.now() },
          }
        : undefined,
    );
  }
  return wait(delayOf(deps, record), status);
}

/** Past its ceiling a run is cancelled at the service and fails with the reason. */
async function giveUpWhenOverdue(
  deps: AdvanceDeps,
  record: ChainRecord,
  serviceId: string,
): Promise<Progress | undefined> {
  const run = runOf(record);
  const now = deps.clock.now();
  const queuedTooLong = run.startedAt === undefined && now - record.createdAt * 1000 > deps.polling.queuedLimitMs;
  const runningTooLong = run.startedAt !== undefined && now - run.startedAt > deps.polling.runningLimitMs;
  if (!queuedTooLong && !runningTooLong) return undefined;
  await deps.service.cancelResponse(serviceId).catch((error: unknown) => {
    deps.log.cleanUpFailed({ responseId: record.id, what: 'cancel-at-service', error });
  });
  const message = queuedTooLong
    ? 'The run stayed queued at the service for longer than MAX_QUEUED_MINUTES and was cancelled.'
    : 'The run took longer than MAX_RUNNING_MINUTES and was cancelled.';
  return end(deps, record, 'failed', { code: 'server_error', message });
}

async function unknownStatus(
  deps: AdvanceDeps,
  record: ChainRecord,
  status: string,
  serviceId: string,
): Promise<Progress> {
  const seen = (runOf(record).unknownStatuses ?? 0) + 1;
  if (seen === 1) deps.log.unknownServiceStatus({ responseId: record.id, status });
  const overdue = await giveUpWhenOverdue(deps, record, serviceId);
  if (overdue !== undefined) return overdue;
  if (seen > UNKNOWN_STATUS_LIMIT) {
    return end(deps, record, 'failed', {
      code: 'server_error',
      message: `The service keeps answering with the unknown status '${status}'.`,
    });
  }
  await deps.store.update(record.id, (current) => ({ ...current, run: { ...runOf(current), unknownStatuses: seen } }));
  return wait(delayOf(deps, record), 'the service answers with an unknown status');
}

/** Once more from the start, as a new run at the service; then it fails. */
async function resubmit(deps: AdvanceDeps, record: ChainRecord, reason: string): Promise<Progress> {
  if (runOf(record).attempts >= SUBMISSION_LIMIT) {
    return end(deps, record, 'failed', {
      code: 'server_error',
      message: `${reason} It was submitted ${SUBMISSION_LIMIT} times.`,
    });
  }
  await deps.store.update(record.id, (current) =>
    isTerminal(current.status) || current.status === 'deleted'
      ? undefined
      : { ...current, service: undefined, run: { ...runOf(current), lease: undefined, nextLookAt: undefined } },
  );
  return wait(deps.polling.firstMs, 'submitting it once more');
}

async function end(
  deps: AdvanceDeps,
  record: ChainRecord,
  status: TerminalStatus,
  error: { code: string; message: string },
): Promise<Progress> {
  const closed = await close(deps, record, status, error);
  deps.log.finished({ responseId: record.id, status: closed?.status ?? 'gone', polls: runOf(record).polls });
  return closed === undefined ? DONE : ended(deps, closed);
}

const runOf = (record: ChainRecord): Run => record.run ?? { attempts: 0, polls: 0 };

/** The pace follows the age of the run, so that no write is needed to count looks. */
function delayOf(deps: AdvanceDeps, record: ChainRecord): number {
  const age = deps.clock.now() - (runOf(record).submittedAt ?? record.createdAt * 1000);
  return nextDelay(age / deps.polling.firstMs / 4, { firstMs: deps.polling.firstMs, maxMs: deps.polling.maxMs });
}

const wait = (delayMs: number, note: string): Progress => ({
  done: false,
  delayMs: Math.max(Math.round(delayMs), 1),
  note,
});
