import type { Progress } from '../background/progress.ts';
import type { CancelRun } from '../background/cancel.ts';
import type { ChainRecord } from '../chains/record.ts';
import { isTerminal } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import type { ForgetFile } from '../files/forget.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { Log } from '../platform/log.ts';
import { ServiceError } from '../upstream/errors.ts';
import type { CreateAnalysis } from './analyse.ts';
import { readAnswer, type Answer } from './answer.ts';
import type { DocumentEntries } from './entries.ts';
import { hasEnded, sourceOf, type DocumentEntry, type DocumentState } from './entry.ts';
import { DocumentFailure, Superseded, type Failure } from './failures.ts';
import { MAGIC_BYTES, planFor, refuseOtherFiles, refuseSize } from './plan.ts';
import type { Reader } from './reading/reader.ts';
import { analysisJson, analysisMarkdown, errorJson } from './report.ts';
import type { ResultShelf } from './results.ts';
import type { SourceShelf } from './source.ts';
import type { UploadDocument } from './upload.ts';
import { Visit } from './visit.ts';
import type { ReadWishes } from './wishes.ts';

export interface AdvanceDocumentDeps {
  entries: DocumentEntries;
  source: SourceShelf;
  results: ResultShelf;
  reader: Pick<Reader, 'inspect'>;
  readWishes: ReadWishes;
  upload: UploadDocument;
  createAnalysis: CreateAnalysis;
  store: ChainStore;
  /** One step of the analysis, which is a background response like any other. */
  advanceResponse: (id: string) => Promise<Progress>;
  cancelRun: CancelRun;
  forgetFile: ForgetFile;
  clock: Clock;
  limits: Config['documents'];
  polling: Config['polling'];
  log: Log;
}

/**
 * One idempotent step of a dropped document: reads its entry and does the next right things. Safe to call at any time.
 * It does not throw: what went wrong ends the document or is tried again.
 */
export type AdvanceDocument = (key: string) => Promise<Progress>;

/**
 * Many tools create an empty blob first and write the content a moment later. An empty file is only an error when it
 * has stayed empty for this long.
 */
export const EMPTY_GRACE_MS = 10_000;

/** New role assignments take minutes to be known everywhere; then a refusal is a fault of the set-up. */
const AUTHORIZATION_PATIENCE_MS = 15 * 60_000;

const RETRY_MS = 15_000;

/** Whatever the trouble was, it is over. */
const SOUND = { note: undefined, troubledSince: undefined };

/** What a step gives: the entry after it (go on), or how long to wait. */
type Step = { entry: DocumentEntry } | Progress;

const DONE: Progress = { done: true, delayMs: 0, note: 'ended' };

const wait = (delayMs: number, note: string): Progress => ({ done: false, delayMs: Math.max(delayMs, 1), note });

export function createAdvanceDocument(deps: AdvanceDocumentDeps): AdvanceDocument {
  return async (key) => {
    const visit = new Visit(deps.source);
    try {
      let entry = await deps.entries.read(key);
      while (entry !== undefined && !hasEnded(entry)) {
        const step = await guarded(deps, visit, entry);
        if ('done' in step) return step;
        entry = step.entry;
      }
      return DONE;
    } catch (error) {
      // Not even the entry could be read or written: nobody can say how long this has lasted, so it is tried until it works.
      deps.log.failed({ requestId: key, operation: 'advanceDocument', error });
      return wait(retryMs(deps), 'a store failed; trying again');
    } finally {
      await visit.end();
    }
  };
}

/** One step, with every way it can fail turned into an end or a pause. */
async function guarded(deps: AdvanceDocumentDeps, visit: Visit, entry: DocumentEntry): Promise<Step> {
  try {
    return await stepOf(deps, visit, entry);
  } catch (error) {
    return await recover(deps, entry, error);
  }
}

function stepOf(deps: AdvanceDocumentDeps, visit: Visit, entry: DocumentEntry): Promise<Step> {
  if (entry.cancelRequested === true && entry.state !== 'analysing') {
    throw new DocumentFailure('cancelled', 'The analysis was cancelled.');
  }
  switch (entry.state) {
    case 'received':
      return check(deps, visit, entry);
    case 'uploading':
      return upload(deps, visit, entry);
    default:
      return analyse(deps, visit, entry);
  }
}

/** Looks at the file before anything is paid: what cannot be analysed ends here. */
async function check(deps: AdvanceDocumentDeps, visit: Visit, entry: DocumentEntry): Promise<Step> {
  const facts = await visit.newest(entry);
  if (facts.bytes === 0) {
    const graceLeft = entry.runStartedAt + EMPTY_GRACE_MS - deps.clock.now();
    if (graceLeft > 0) return wait(graceLeft, 'the file is empty; waiting for its content');
    throw new DocumentFailure('empty', 'The file is empty.');
  }
  await deps.results.clear(entry);
  refuseOtherFiles(await deps.source.firstBytes(sourceOf(entry), MAGIC_BYTES), entry.name);
  refuseSize(facts.bytes, deps.limits);
  const wishes = await visit.wishes(() => deps.readWishes(entry.name, facts.metadata));
  const { path } = await visit.copy(entry);
  const plan = planFor(await deps.reader.inspect(path), wishes.model, deps.limits);
  return next(await deps.entries.move(entry, { ...SOUND, state: 'uploading', plan, model: wishes.model }));
}

async function upload(deps: AdvanceDocumentDeps, visit: Visit, entry: DocumentEntry): Promise<Step> {
  await visit.newest(entry);
  const uploaded = await deps.upload(entry, () => visit.copy(entry));
  await visit.end();
  if (uploaded === undefined) return wait(deps.polling.firstMs, 'somebody else is at it');
  if ('waitMs' in uploaded) return wait(uploaded.waitMs, 'waiting for an earlier upload to end');
  return next(await deps.entries.move(uploaded.entry, { ...SOUND, state: 'analysing' }));
}

/** The analysis is a response: create its record once, advance it like any other, and write down what it says. */
async function analyse(deps: AdvanceDocumentDeps, visit: Visit, entry: DocumentEntry): Promise<Step> {
  const fileId = entry.file?.id;
  if (fileId === undefined) return next(await deps.entries.move(entry, { state: 'uploading' }));
  const record = (await deps.store.read(entry.responseId)) ?? (await begin(deps, visit, entry, fileId));
  if (record === undefined) throw new DocumentFailure('cancelled', 'The analysis was cancelled.');
  if (record.status === 'deleted') throw new DocumentFailure('cancelled', 'The analysis was deleted.');
  if (isTerminal(record.status)) return finish(deps, entry, record);
  if (entry.cancelRequested === true) {
    await deps.cancelRun(record);
    return { entry };
  }
  await visit.newest(entry, { mayBeGone: true });
  const progress = await deps.advanceResponse(entry.responseId);
  // What is left of a response that has ended (its receiver to be told) is not waited for.
  if (!progress.done && (await isLive(deps.store, entry.responseId))) {
    if (entry.troubledSince !== undefined) await deps.entries.move(entry, SOUND);
    return progress;
  }
  return { entry: (await deps.entries.read(entry.key)) ?? entry };
}

async function isLive(store: Pick<ChainStore, 'read'>, responseId: string): Promise<boolean> {
  const record = await store.read(responseId);
  return record !== undefined && record.status !== 'deleted' && !isTerminal(record.status);
}

/** The record of the analysis; undefined when the run was cancelled before it had one. */
async function begin(
  deps: AdvanceDocumentDeps,
  visit: Visit,
  entry: DocumentEntry,
  fileId: string,
): Promise<ChainRecord | undefined> {
  if (entry.cancelRequested === true) return undefined;
  const { metadata } = await visit.newest(entry);
  const wishes = await visit.wishes(() => deps.readWishes(entry.name, metadata));
  return deps.createAnalysis(entry, fileId, wishes);
}

async function finish(deps: AdvanceDocumentDeps, entry: DocumentEntry, record: ChainRecord): Promise<Step> {
  const answer = await readAnswer(deps.store, record);
  if (record.status !== 'completed') throw failureOf(record.status, answer);
  const finishedAt = unixSeconds(deps.clock);
  const finished = { ...entry, finishedAt };
  const json = analysisJson(finished, answer);
  try {
    await deps.results.putAnalysis(finished, analysisMarkdown(finished, answer), json);
  } catch (error) {
    if (!(error instanceof Superseded)) throw error;
    // Paid for and good: it is kept beside the newer result, and can be asked on.
    const version = await deps.results.putVersion(finished, json);
    return close(deps, entry, 'superseded', { finishedAt, model: answer.model, version });
  }
  return close(deps, entry, 'completed', { finishedAt, model: answer.model });
}

function failureOf(status: string, answer: Answer): DocumentFailure {
  if (status === 'cancelled') return new DocumentFailure('cancelled', 'The analysis was cancelled.');
  if (status === 'incomplete') {
    return answer.incompleteReason === 'content_filter'
      ? new DocumentFailure('content_filter', 'The content filter of the service cut the answer off.')
      : new DocumentFailure(
          'incomplete',
          `The answer is incomplete (${answer.incompleteReason ?? 'no reason given'}).`,
        );
  }
  return failureAtService(answer.error ?? { code: '', message: '' });
}

function failureAtService({ code, message }: { code: string; message: string }): DocumentFailure {
  if (code === 'content_filter') {
    return new DocumentFailure(
      'content_filter',
      'The content filter of the service refused the document or the prompt.',
    );
  }
  if (code === 'DeploymentNotFound') return new DocumentFailure('unknown_model', message);
  if (code === 'server_error' || code === '') {
    return new DocumentFailure('service_failed', message === '' ? 'The service failed without saying why.' : message);
  }
  return new DocumentFailure('refused', message);
}

/** Every error is one of three: the end of this version, the end of this document, or a reason to try again for a while. */
async function recover(deps: AdvanceDocumentDeps, entry: DocumentEntry, error: unknown): Promise<Step> {
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

async function pause(deps: AdvanceDocumentDeps, entry: DocumentEntry, error: unknown): Promise<Step> {
  const atService = error instanceof ServiceError;
  if (!atService) deps.log.failed({ requestId: entry.key, operation: 'advanceDocument', error });
  const note = atService ? 'the service is not taking it; trying again' : 'a store failed; trying again';
  await deps.entries.move(entry, { note, troubledSince: entry.troubledSince ?? deps.clock.now() });
  const advisedMs = atService ? (error.detail.retryAfterSeconds ?? 0) * 1000 : 0;
  return wait(Math.max(advisedMs, retryMs(deps)), note);
}

const retryMs = (deps: AdvanceDocumentDeps): number => Math.min(RETRY_MS, deps.polling.maxMs);

/** For how long nothing but passing errors has happened. */
const troubledMs = (deps: AdvanceDocumentDeps, entry: DocumentEntry): number =>
  entry.troubledSince === undefined ? 0 : deps.clock.now() - entry.troubledSince;

/** The end that an error means; undefined for one that may pass. */
function toFailure(deps: AdvanceDocumentDeps, entry: DocumentEntry, error: unknown): Failure | undefined {
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

async function fail(deps: AdvanceDocumentDeps, entry: DocumentEntry, failure: Failure): Promise<Step> {
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

async function close(
  deps: AdvanceDocumentDeps,
  entry: DocumentEntry,
  state: DocumentState,
  changes: Partial<DocumentEntry>,
): Promise<Step> {
  if (state !== 'completed') await release(deps, entry);
  const closed = await deps.entries.move(entry, {
    finishedAt: unixSeconds(deps.clock),
    note: undefined,
    ...changes,
    state,
  });
  deps.log.documentFinished({ documentId: entry.key, status: state, reason: changes.failure?.reason });
  return next(closed);
}

/** What did not end in an answer leaves no file at the service. It expires there by itself if this fails. */
async function release(deps: AdvanceDocumentDeps, entry: DocumentEntry): Promise<void> {
  try {
    const record = await deps.store.read(entry.responseId);
    if (record?.status === 'completed') return;
    if (record !== undefined && record.status !== 'deleted' && !isTerminal(record.status)) await deps.cancelRun(record);
    if (entry.file?.id !== undefined) await deps.forgetFile(entry.owner, entry.file.id);
  } catch (error) {
    deps.log.cleanUpFailed({ responseId: entry.responseId, what: 'document-file', error });
  }
}

const next = (entry: DocumentEntry | undefined): Step => (entry === undefined ? DONE : { entry });
