import type { Orchestrations } from '../background/accept.ts';
import { wait, type Progress } from '../background/progress.ts';
import type { Log } from '../platform/log.ts';
import type { AdvanceDocument } from './advance.ts';
import type { DocumentEntries } from './entries.ts';
import { hasEnded } from './entry.ts';

export interface DriveDocumentDeps {
  entries: Pick<DocumentEntries, 'read'>;
  advance: AdvanceDocument;
  advanceResponse: (id: string) => Promise<Progress>;
  log: Log;
}

/**
 * A round of a document's loop. Does not throw.
 * A document ends with its result; its response may need more: the receiver of the webhook does not answer, the service has
 * not stopped what was cancelled. That takes hours at worst, and a replay must not wait for it: it gets a loop of its own.
 */
export type DriveDocument = (key: string, responses: Orchestrations) => Promise<Progress>;

const RETRY_MS = 5_000;

export function createDriveDocument(deps: DriveDocumentDeps): DriveDocument {
  return async (key, responses) => {
    const progress = await deps.advance(key);
    if (!progress.done) return progress;
    try {
      return await handOver(deps, key, responses, progress);
    } catch (error) {
      deps.log.failed({ requestId: key, operation: 'handOverResponse', error });
      return wait(RETRY_MS, 'ended; a store failed, trying again');
    }
  };
}

async function handOver(
  deps: DriveDocumentDeps,
  key: string,
  responses: Orchestrations,
  ended: Progress,
): Promise<Progress> {
  const entry = await deps.entries.read(key);
  if (entry === undefined) return ended;
  if (!hasEnded(entry)) return wait(1, 'replayed');
  const { done } = await deps.advanceResponse(entry.responseId);
  if (!done) await responses.start(entry.responseId);
  return ended;
}
