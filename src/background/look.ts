import { takeBack } from '../chains/debt.ts';
import type { ChainRecord, Run } from '../chains/record.ts';
import { isLive, isTerminal, mayMove, readServiceStatus } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import type { Config } from '../platform/config.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { ServiceAnswer, ServiceClient } from '../upstream/client.ts';
import { advisedMs, ServiceError } from '../upstream/errors.ts';
import type { ServiceResponse } from '../upstream/wire.ts';
import { wasShown, type AdvanceStreamDeps } from './advance-stream.ts';
import { close } from './close.ts';
import type { EndDeps } from './end-of-run.ts';
import { wait, type Progress } from './progress.ts';
import { pauseAt, SUBMISSION_LIMIT, UNKNOWN_STATUS_LIMIT } from './schedule.ts';
import type { Settle } from './settle.ts';

export interface LookDeps extends EndDeps {
  store: ChainStore;
  service: Pick<ServiceClient, 'retrieveResponse' | 'cancelResponse' | 'deleteResponse'>;
  streams: AdvanceStreamDeps;
  settle: Settle;
  polling: Config['polling'];
  log: Log;
}

/** Looks at a run at the service and writes down what has changed. Undefined when the run has ended with it. */
export async function look(deps: LookDeps, record: ChainRecord, serviceId: string): Promise<Progress | undefined> {
  let answer: ServiceAnswer<ServiceResponse>;
  try {
    answer = await deps.service.retrieveResponse(serviceId, {}, { traceparent: record.traceparent, retries: 0 });
  } catch (error) {
    const serviceStatus = error instanceof ServiceError ? error.serviceStatus : undefined;
    deps.log.polled({ ...originOf(record), status: 'unanswered', serviceStatus });
    return unanswered(deps, record, error);
  }
  logLook(deps, record, answer);
  const status = readServiceStatus(answer.body.status);
  if (status === undefined) return unknownStatus(deps, record, answer.body.status ?? '(none)');
  if (!isTerminal(status)) return stillRunning(deps, record, status);
  const emptyFailure = status === 'failed' && answer.body.error == null;
  if (emptyFailure && runOf(record).attempts < SUBMISSION_LIMIT && !(await wasShown(deps.streams, record))) {
    const progress = await resubmit(deps, record);
    if (record.service !== undefined) await takeBack(deps, record, record.service);
    return progress;
  }
  await deps.settle(record, answer);
  return undefined;
}

/** The service throttles, fails or cannot be reached: look again later, within the ceilings. A 404 means that the run is gone. */
async function unanswered(deps: LookDeps, record: ChainRecord, error: unknown): Promise<Progress | undefined> {
  if (error instanceof ServiceError && error.serviceStatus === 404) return vanished(deps, record);
  if (await giveUpWhenOverdue(deps, record)) return undefined;
  return wait(Math.max(advisedMs(error), pauseOf(deps, record)), 'the service does not answer; looking again');
}

async function vanished(deps: LookDeps, record: ChainRecord): Promise<Progress | undefined> {
  if (runOf(record).attempts >= SUBMISSION_LIMIT) {
    return giveUp(deps, record, `The run vanished at the service. It was submitted ${SUBMISSION_LIMIT} times.`);
  }
  // A second run would tell another story to those who have seen the beginning of the first.
  if (await wasShown(deps.streams, record)) return giveUp(deps, record, 'The run vanished at the service.');
  return resubmit(deps, record);
}

async function stillRunning(
  deps: LookDeps,
  record: ChainRecord,
  status: 'queued' | 'in_progress',
): Promise<Progress | undefined> {
  if (await giveUpWhenOverdue(deps, record)) return undefined;
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
  return wait(pauseOf(deps, record), status);
}

/** Past its ceiling a run fails with the reason, and is stopped at the service. Says whether that was so. */
export async function giveUpWhenOverdue(deps: LookDeps, record: ChainRecord): Promise<boolean> {
  const run = runOf(record);
  const now = deps.clock.now();
  const queuedTooLong = run.startedAt === undefined && now - record.createdAt * 1000 > deps.polling.queuedLimitMs;
  const runningTooLong = run.startedAt !== undefined && now - run.startedAt > deps.polling.runningLimitMs;
  if (!queuedTooLong && !runningTooLong) return false;
  await giveUp(
    deps,
    record,
    queuedTooLong
      ? 'The run stayed queued at the service for longer than MAX_QUEUED_MINUTES and was cancelled.'
      : 'The run took longer than MAX_RUNNING_MINUTES and was cancelled.',
  );
  return true;
}

async function unknownStatus(deps: LookDeps, record: ChainRecord, status: string): Promise<Progress | undefined> {
  const seen = (runOf(record).unknownStatuses ?? 0) + 1;
  if (seen === 1) deps.log.unknownServiceStatus({ ...originOf(record), status });
  if (await giveUpWhenOverdue(deps, record)) return undefined;
  if (seen > UNKNOWN_STATUS_LIMIT) {
    return giveUp(deps, record, `The service keeps answering with the unknown status '${status}'.`);
  }
  await deps.store.update(record.id, (current) => ({ ...current, run: { ...runOf(current), unknownStatuses: seen } }));
  return wait(pauseOf(deps, record), 'the service answers with an unknown status');
}

/**
 * Once more from the start, as a new run at the service, which may charge for both. Unless that has been done already: another
 * step may have been faster.
 */
async function resubmit(deps: LookDeps, record: ChainRecord): Promise<Progress> {
  const { changed } = await deps.store.tryUpdate(record.id, (current) => {
    if (!isLive(current.status) || current.service?.id !== record.service?.id) return undefined;
    const run: Run = { ...runOf(current), lease: undefined, nextLookAt: undefined, possiblyDuplicated: true };
    return { ...current, service: undefined, run };
  });
  if (changed) deps.log.possiblyDuplicated(originOf(record));
  return wait(deps.polling.firstMs, 'submitting it once more');
}

/** Fails a run from our side. */
export async function giveUp(
  deps: Pick<LookDeps, 'store' | 'log' | 'clock' | 'webhooks'>,
  record: ChainRecord,
  message: string,
  code = 'server_error',
): Promise<undefined> {
  await close(deps, record, 'failed', { code, message });
}

export function logLook(
  deps: Pick<LookDeps, 'log'>,
  record: ChainRecord,
  { body, requestId }: ServiceAnswer<ServiceResponse>,
): void {
  deps.log.polled({
    ...originOf(record),
    // Statuses that nobody has heard of are text from outside: they have a line of their own.
    status: readServiceStatus(body.status) ?? 'unknown',
    serviceRequestId: requestId,
  });
}

const runOf = (record: ChainRecord): Run => record.run ?? { attempts: 0 };

const pauseOf = (deps: LookDeps, record: ChainRecord): number =>
  pauseAt(deps.clock.now() - (runOf(record).submittedAt ?? record.createdAt * 1000), deps.polling);
