import type { ChainRecord } from '../chains/record.ts';
import { mayMove, type TerminalStatus } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';

/** Ends a run from our side (failed, cancelled): status, error and envelope move together, by a conditional write. */
export async function close(
  deps: { store: ChainStore },
  record: ChainRecord,
  status: TerminalStatus,
  error: { code: string; message: string } | null,
): Promise<ChainRecord | undefined> {
  const envelope = await deps.store.open(record.envelope);
  return deps.store.update(record.id, (current) =>
    mayMove(current.status, status)
      ? { ...current, status, envelope: { inline: { ...envelope, status, error } }, run: withoutLease(current) }
      : undefined,
  );
}

const withoutLease = (record: ChainRecord): ChainRecord['run'] =>
  record.run === undefined ? undefined : { ...record.run, lease: undefined };
