import { wait } from '../background/progress.ts';
import { unixSeconds } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { advisedMs, ServiceError } from '../upstream/errors.ts';
import { close, type CloseDeps } from './close.ts';
import type { DocumentEntry } from './entry.ts';
import { DocumentFailure, Superseded, type Failure } from './failures.ts';
import { errorJson } from './report.ts';
import type { ResultShelf } from './results.ts';
import type { Step } from './step.ts';

export interface RecoverDeps extends CloseDeps {
  results: Pick<ResultShelf, 'putError'>;
  polling: Config['polling'];
}

/** New role assignments take minutes to be known everywhere; then a refusal is a fault of the set-up. */
const AUTHORIZATION_PATIENCE_MS = 15 * 60_000;

const RETRY_MS = 15_000;

/** Every error is one of three: the end of this version, the end of this document, or a reason to try again for a while. */
export async function recover(deps: RecoverDeps, entry: DocumentEntry, error: unknown): Promise<Step> {
  if (error instanceof Superseded) {
    return close(deps, entry, 'superseded', { note: 'the file was replaced or removed' });
  }
  const failure = toFailure(deps, entry, error);
  if (failure === undefined) return pause(deps, entry, error);
  try {
    return await fail(deps, entry, failure);
  } catch (second) {
    return second instanceof Superseded ? recover(deps, entry, second) : pause(deps, entry, second);
  }
}

async function pause(deps: RecoverDeps, entry: DocumentEntry, error: unknown): Promise<Step> {
  const atService = error instanceof ServiceError;
  if (!atService) deps.log.failed({ requestId: entry.key, operation: 'advanceDocument', error });
  const note = atService ? 'the service is not taking it; trying again' : 'a store failed; trying again';
  await deps.entries.move(entry, { note, troubledSince: entry.troubledSince ?? deps.clock.now() });
  return wait(Math.max(advisedMs(error), retryMs(deps)), note);
}

/** How long to wait before something that failed is tried again. */
export const retryMs = (deps: Pick<RecoverDeps, 'polling'>): number => Math.min(RETRY_MS, deps.polling.maxMs);

/** For how long nothing but passing errors has happened. */
const troubledMs = (deps: RecoverDeps, entry: DocumentEntry): number =>
  entry.troubledSince === undefined ? 0 : deps.clock.now() - entry.troubledSince;

/** The end that an error means; undefined for one that may pass. */
function toFailure(deps: RecoverDeps, entry: DocumentEntry, error: unknown): Failure | undefined {
  if (error instanceof DocumentFailure) return error.failure;
  const lasting = troubledMs(deps, entry);
  const overdue = lasting > deps.polling.queuedLimitMs;
  if (!(error instanceof ServiceError)) {
    return overdue
      ? { reason: 'not_taken_in', message: 'The gateway kept failing to work on this document.' }
      : undefined;
  }
  if (error.kind === 'gateway_not_authorized') {
    const patience = Math.min(AUTHORIZATION_PATIENCE_MS, deps.polling.queuedLimitMs);
    return lasting > patience ? { reason: 'not_authorized', message: error.message } : undefined;
  }
  if (error.passing || error.certainty === 'ambiguous') {
    return overdue ? { reason: 'service_unavailable', message: error.message } : undefined;
  }
  return { reason: error.kind === 'content_filter' ? 'content_filter' : 'refused', message: error.message };
}

async function fail(deps: RecoverDeps, entry: DocumentEntry, failure: Failure): Promise<Step> {
  const finishedAt = unixSeconds(deps.clock);
  try {
    await deps.results.putError(entry, errorJson(entry, failure, finishedAt));
  } catch (error) {
    if (error instanceof Superseded || troubledMs(deps, entry) <= deps.polling.queuedLimitMs) throw error;
    // The document ends all the same: its state says why, although no file could.
    deps.log.failed({ requestId: entry.key, operation: 'writeErrorResult', error });
  }
  return close(deps, entry, failure.reason === 'cancelled' ? 'cancelled' : 'failed', { failure, finishedAt });
}
