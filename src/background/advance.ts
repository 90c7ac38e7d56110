import type { ChainRecord } from '../chains/record.ts';
import { isTerminal } from '../chains/status.ts';
import { remainingMs } from '../platform/clock.ts';
import { RETRY_AFTER_LIMIT_SECONDS } from '../platform/limits.ts';
import { closeLog, resumeStreamed, submitStreamed } from './advance-stream.ts';
import { giveUp, giveUpWhenOverdue, look, type LookDeps } from './look.ts';
import { DONE, wait, type Progress } from './progress.ts';
import { SUBMISSION_LIMIT } from './schedule.ts';
import { seeToEnd } from './see-to-end.ts';
import { leaseRemainsMs, unansweredOf, type Submit, type Submitted } from './submit.ts';
import type { Tell } from './webhooks.ts';

export interface AdvanceDeps extends LookDeps {
  submit: Submit;
  tell: Tell;
}

/** One idempotent step of a background run: reads the record and does the next right thing. Safe to call at any time, any number of times. */
export type Advance = (id: string) => Promise<Progress>;

/** After an error of a store: it has been tried several times by then. */
const BROKEN_PAUSE_MS = 5_000;

export function createAdvance(deps: AdvanceDeps): Advance {
  return async (id) => {
    try {
      return await step(deps, id);
    } catch (error) {
      // Whatever broke, the loop must go on: the step is tried again from the record.
      deps.log.failed({ requestId: id, operation: 'advanceResponse', error });
      return wait(Math.min(BROKEN_PAUSE_MS, deps.polling.maxMs), 'a store failed; trying again');
    }
  };
}

async function step(deps: AdvanceDeps, id: string): Promise<Progress> {
  const record = await deps.store.read(id);
  if (record === undefined || record.status === 'deleted') return DONE;
  const progress = isTerminal(record.status) ? undefined : await move(deps, record);
  if (progress !== undefined) return progress;
  return ended(deps, (await deps.store.read(id)) ?? record);
}

/** The next move of a live run; undefined when it has ended with it. */
async function move(deps: AdvanceDeps, record: ChainRecord): Promise<Progress | undefined> {
  if (record.service === undefined) return submitWhenFree(deps, record);
  if (isStreamed(record)) {
    const streamed = await resumeStreamed(deps.streams, record);
    if (streamed !== undefined) return (await giveUpWhenOverdue(deps, record)) ? undefined : streamed;
  }
  return look(deps, record, record.service.id);
}

/** Azure's image tool cannot stream: such a run is polled, and its events are made from the result whenever somebody looks. */
const isStreamed = (record: ChainRecord): boolean => record.streamed && record.imageDeployment === undefined;

/** What is left of a run behind which a step has found its end. */
async function ended(deps: AdvanceDeps, record: ChainRecord): Promise<Progress> {
  if (record.status === 'deleted') return DONE;
  if (!isTerminal(record.status)) return wait(deps.polling.firstMs, record.status);
  const left = await afterEnd(deps, record);
  return left === undefined ? DONE : { ...left, ended: true };
}

/**
 * The run at the service must end, too, its receiver be told, and the log of a streamed run be closed. That comes last: whoever
 * still pumps holds the log until the service has stopped.
 */
async function afterEnd(deps: AdvanceDeps, record: ChainRecord): Promise<Progress | undefined> {
  const left = [await seeToEnd(deps, record), await deps.tell(record), await closing(deps, record)];
  return left.filter((what) => what !== undefined).sort((a, b) => a.delayMs - b.delayMs)[0];
}

/** Undefined when the log of the run is closed, or it has none. */
async function closing(deps: AdvanceDeps, record: ChainRecord): Promise<Progress | undefined> {
  if (!isStreamed(record) || (await closeLog(deps.streams, record))) return undefined;
  return wait(deps.polling.firstMs, 'closing the event log');
}

/** Not at the service yet: submit it, unless somebody holds the lease or it has waited too long. */
async function submitWhenFree(deps: AdvanceDeps, record: ChainRecord): Promise<Progress | undefined> {
  const now = deps.clock.now();
  const free = freeAt(deps, record, now);
  if (free !== undefined) return free;
  const hopeless = reasonNotToSubmit(deps, record, now);
  if (hopeless !== undefined) return giveUp(deps, record, hopeless);
  const submitted = isStreamed(record) ? await submitStreamed(deps.streams, record) : await deps.submit(record);
  return 'outcome' in submitted ? afterSubmission(deps, record, submitted) : submitted;
}

function reasonNotToSubmit(deps: AdvanceDeps, record: ChainRecord, now: number): string | undefined {
  if (record.run?.secret === true) {
    return 'The gateway was interrupted while it gave this run to the service, and does not keep the secrets in its tools. Create it again.';
  }
  if (unansweredOf(record.run) >= SUBMISSION_LIMIT) {
    return `The service was given this run ${SUBMISSION_LIMIT} times, and each time its answer was lost.`;
  }
  if (now - record.createdAt * 1000 > deps.polling.queuedLimitMs) {
    return 'The service did not take this run in time: it kept refusing or could not be reached.';
  }
  return undefined;
}

/** How long to wait before the run may be submitted; undefined when that is now. */
function freeAt(deps: AdvanceDeps, record: ChainRecord, now: number): Progress | undefined {
  const waitMs = remainingMs(record.run?.nextLookAt ?? 0, now, RETRY_AFTER_LIMIT_SECONDS * 1000);
  if (waitMs > 0) return wait(waitMs, 'waiting to be submitted');
  const leasedMs = leaseRemainsMs(record.run, now);
  // Whoever submits is mostly done in a moment: that should be seen then, not only when the lease would end.
  return leasedMs > 0 ? wait(Math.min(leasedMs, deps.polling.firstMs), 'somebody else is submitting it') : undefined;
}

async function afterSubmission(
  deps: AdvanceDeps,
  record: ChainRecord,
  submitted: Submitted,
): Promise<Progress | undefined> {
  switch (submitted.outcome) {
    case 'submitted':
      return wait(deps.polling.firstMs, 'submitted');
    case 'put-off':
      return wait(submitted.delayMs, 'the service is not taking it; trying again');
    case 'refused':
      return giveUp(deps, record, submitted.error.message, submitted.error.toBody().code ?? 'invalid_request');
    case 'lost':
      return wait(deps.polling.firstMs, 'somebody else is submitting it');
  }
}
