import { logFinished } from '../chains/log-finished.ts';
import type { ChainRecord } from '../chains/record.ts';
import { mayMove, type TerminalStatus } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import type { Log } from '../platform/log.ts';
import { endOfRun, type EndDeps } from './end-of-run.ts';

/** Ends a run from our side (failed, cancelled): status, error and envelope move together, by a conditional write. */
export async function close(
  deps: EndDeps & { store: ChainStore; log: Log },
  record: ChainRecord,
  status: TerminalStatus,
  error: { code: string; message: string } | null,
): Promise<ChainRecord | undefined> {
  const envelope = await deps.store.open(record.envelope);
  const outcome = { moved: false };
  const closed = await deps.store.update(record.id, (current) => {
    outcome.moved = mayMove(current.status, status);
    if (!outcome.moved) return undefined;
    return { ...current, status, envelope: { inline: { ...envelope, status, error } }, run: endedHere(deps, current) };
  });
  if (outcome.moved && closed !== undefined) logFinished(deps, closed);
  return closed;
}

/** What the service has been given goes on there until it is told otherwise: that is remembered until it is done. */
function endedHere(deps: EndDeps, record: ChainRecord): ChainRecord['run'] {
  const ended = endOfRun(deps, record);
  return record.service === undefined ? ended : { ...ended, endedHere: true };
}
