import { bareEnvelope } from '../chains/envelope.ts';
import { logFinished } from '../chains/log-finished.ts';
import type { ChainRecord } from '../chains/record.ts';
import { mayMove, type TerminalStatus } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import type { Log } from '../platform/log.ts';
import type { JsonObject } from '../upstream/wire.ts';
import { endOfRun, type EndDeps } from './end-of-run.ts';

/** Ends a run from our side (failed, cancelled): status, error and envelope move together, by a conditional write. */
export async function close(
  deps: EndDeps & { store: ChainStore; log: Log },
  record: ChainRecord,
  status: TerminalStatus,
  error: { code: string; message: string } | null,
): Promise<ChainRecord | undefined> {
  const envelope = await envelopeOf(deps.store, record);
  const closed = await deps.store.tryUpdate(record.id, (current) =>
    mayMove(current.status, status)
      ? { ...current, status, envelope: { inline: { ...envelope, status, error } }, run: endedHere(deps, current) }
      : undefined,
  );
  if (closed.changed) logFinished(deps, closed.record);
  return closed.record;
}

/** The object so far. One whose stored part is lost must be able to end all the same; a store that is only out is waited for. */
async function envelopeOf(store: ChainStore, record: ChainRecord): Promise<JsonObject> {
  try {
    return await store.open(record.envelope);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return bareEnvelope(record);
  }
}

/** What the service has been given goes on there until it is told otherwise: that is remembered until it is done. */
function endedHere(deps: EndDeps, record: ChainRecord): ChainRecord['run'] {
  const ended = endOfRun(deps, record);
  return record.service === undefined ? ended : { ...ended, endedHere: true };
}
