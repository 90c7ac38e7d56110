import type { CancelRun } from '../background/cancel.ts';
import type { ChainRecord } from '../chains/record.ts';
import { isLive } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import type { ForgetFile } from '../files/forget.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { DocumentEntries } from './entries.ts';
import type { DocumentEntry, DocumentState } from './entry.ts';
import { next, type Step } from './step.ts';

export interface CloseDeps {
  entries: DocumentEntries;
  store: ChainStore;
  cancelRun: CancelRun;
  forgetFile: ForgetFile;
  clock: Clock;
  log: Log;
}

/** Ends the work on a document in this state; the result is written before. */
export async function close(
  deps: CloseDeps,
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
async function release(deps: CloseDeps, entry: DocumentEntry): Promise<void> {
  let record: ChainRecord | undefined;
  try {
    record = await deps.store.read(entry.responseId);
    if (record?.status === 'completed') return;
    if (record !== undefined && isLive(record.status)) await deps.cancelRun(record);
    if (entry.file?.id !== undefined) await deps.forgetFile(entry.owner, entry.file.id);
  } catch (error) {
    const origin = originOf(record ?? { id: entry.responseId, requestId: entry.key });
    deps.log.cleanUpFailed({ ...origin, what: 'document-file', error });
  }
}
