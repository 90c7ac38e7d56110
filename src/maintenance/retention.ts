import { forEachOf } from '../chains/concurrency.ts';
import type { Histories } from '../chains/deletion.ts';
import type { Directory } from '../chains/directory.ts';
import type { ChainRecord } from '../chains/record.ts';
import type { Removal } from '../chains/removal.ts';
import { isNamed } from '../chains/shared.ts';
import type { ChainStore } from '../chains/store.ts';
import type { FileEntry } from '../files/entry.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import type { Tally } from './tally.ts';

export interface RetentionDeps {
  store: ChainStore;
  directory: Directory;
  removal: Pick<Removal, 'expired'>;
  forgetFile: (owner: string, fileId: string) => Promise<void>;
  clock: Clock;
  /** A chain goes this long after its last turn. */
  retentionSeconds: number;
}

/** Chains or files that are looked at in one run; the next one goes on. */
const AT_MOST = 500;
const AT_ONCE = 4;

/** Removes whole chains after their time, with everything that hangs on them. */
export async function removeExpiredChains(deps: RetentionDeps, histories: Histories, tally: Tally): Promise<void> {
  const cut = unixSeconds(deps.clock) - deps.retentionSeconds;
  const { rows } = await deps.directory.query<string>(
    {
      query: 'SELECT VALUE c.chainId FROM c WHERE c.kind = "chain" AND c.lastTurnAt < @cut',
      parameters: [{ name: '@cut', value: cut }],
    },
    { pageSize: AT_MOST },
  );
  await forEachOf([...new Set(rows)], AT_ONCE, (chainId) =>
    tally.count(async () => {
      // Somebody else's turn in the same chain keeps all of it: a chain has one life.
      if ((await lastTurnOf(deps.store, chainId)) < cut) await deps.removal.expired(chainId, histories);
    }),
  );
}

/** When the chain was last continued (unix seconds); 0 for one without a turn. */
async function lastTurnOf(store: ChainStore, chainId: string): Promise<number> {
  const { rows } = await store.query<number>(
    { query: 'SELECT VALUE MAX(c.createdAt) FROM c WHERE c.kind = "response" AND c.status != "deleted"' },
    { chainId },
  );
  return rows[0] ?? 0;
}

/**
 * Cosmos DB's TTL counts from a document's last write, and old turns of a living chain are never written again:
 * they are touched long before they would expire. Chains that are in nobody's list, and past their time, are removed.
 */
export async function renewLivingChains(deps: RetentionDeps, histories: Histories, tally: Tally): Promise<void> {
  const now = unixSeconds(deps.clock);
  const { rows } = await deps.store.query<Pick<ChainRecord, 'id' | 'chainId'>>(
    {
      query: 'SELECT c.id, c.chainId FROM c WHERE c.kind = "response" AND c.status != "deleted" AND c._ts < @old',
      parameters: [{ name: '@old', value: Math.floor(now - deps.retentionSeconds / 2) }],
    },
    { pageSize: AT_MOST },
  );
  const byChain = Map.groupBy(rows, (row) => row.chainId);
  await forEachOf([...byChain], AT_ONCE, ([chainId, turns]) =>
    tally.count(async () => {
      const over = (await lastTurnOf(deps.store, chainId)) < now - deps.retentionSeconds;
      if (over) await deps.removal.expired(chainId, histories);
      else await forEachOf(turns, AT_ONCE, (turn) => deps.store.touch(turn));
    }),
  );
}

/** Uploaded files past their time that no response refers to; those in use are kept as long as their chains. */
export async function removeExpiredFiles(deps: RetentionDeps, tally: Tally): Promise<void> {
  const cut = unixSeconds(deps.clock) - deps.retentionSeconds;
  const { rows } = await deps.directory.query<FileEntry>(
    {
      query: 'SELECT * FROM c WHERE c.kind = "file" AND c.createdAt < @cut',
      parameters: [{ name: '@cut', value: cut }],
    },
    { pageSize: AT_MOST },
  );
  await forEachOf(rows, AT_ONCE, (entry) =>
    tally.count(async () => {
      if (await isNamed(deps.store, entry.owner, 'files', entry.fileId)) await deps.directory.upsert(entry);
      else await deps.forgetFile(entry.owner, entry.fileId);
    }),
  );
}
