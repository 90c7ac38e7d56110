import { DONE, wait, type Progress } from '../background/progress.ts';
import type { ChainRecord } from '../chains/record.ts';
import { isTerminal } from '../chains/status.ts';
import { unixSeconds } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { CreateAnalysis } from './analyse.ts';
import { failureOf, readAnswer } from './answer.ts';
import { close } from './close.ts';
import { hasEnded, sourceOf, type DocumentEntry } from './entry.ts';
import { DocumentFailure, Superseded } from './failures.ts';
import { MAGIC_BYTES, planFor, refuseOtherFiles, refuseSize } from './plan.ts';
import type { Reader } from './reading/reader.ts';
import { recover, retryMs, type RecoverDeps } from './recover.ts';
import { analysisJson, analysisMarkdown } from './report.ts';
import type { ResultShelf } from './results.ts';
import type { SourceShelf } from './source.ts';
import { next, type Step } from './step.ts';
import type { UploadDocument } from './upload.ts';
import { Visit } from './visit.ts';
import type { ReadWishes } from './wishes.ts';

export interface AdvanceDocumentDeps extends RecoverDeps {
  source: SourceShelf;
  results: ResultShelf;
  reader: Pick<Reader, 'inspect'>;
  readWishes: ReadWishes;
  upload: UploadDocument;
  createAnalysis: CreateAnalysis;
  /** One step of the analysis, which is a background response like any other. */
  advanceResponse: (id: string) => Promise<Progress>;
  limits: Config['documents'];
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
const EMPTY_GRACE_MS = 10_000;

/** Whatever the trouble was, it is over. */
const SOUND = { note: undefined, troubledSince: undefined };

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
  if (!progress.done && progress.ended !== true) {
    if (entry.troubledSince !== undefined) await deps.entries.move(entry, SOUND);
    return progress;
  }
  return { entry: (await deps.entries.read(entry.key)) ?? entry };
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
