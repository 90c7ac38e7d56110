import { GatewayError, notFound } from '../errors.ts';
import { isChainId } from '../platform/ids.ts';
import { EVERYBODY } from './access.ts';
import { forEachOf } from './concurrency.ts';
import type { Deletion, Histories, LastNamed } from './deletion.ts';
import { entryId, type Directory, type Entry } from './directory.ts';
import type { ChainRecord } from './record.ts';
import type { ChainStore } from './store.ts';

/** What a deletion of many responses has removed. A repeated deletion gives the same. */
export interface Receipt {
  responses: string[];
  images: number;
  event_logs: number;
  files: string[];
  /** Of the code interpreter, made for these responses. */
  containers: string[];
  /** Responses of which something could not be removed yet. Maintenance goes on, and so does a repeated deletion. */
  unfinished: number;
}

interface ReceiptEntry extends Entry {
  kind: 'receipt';
  receipt: Receipt;
}

/** How long a repeated deletion can be answered with its receipt. */
const RECEIPT_SECONDS = 24 * 3600;

/** Records that are buried or cleared at the same time. */
const AT_ONCE = 8;

/** A chain that still grows after so many rounds has a writer that never stops. */
const ROUNDS = 20;

export interface RemovalDeps {
  store: ChainStore;
  directory: Directory;
  deletion: Deletion;
}

/** Deletes responses with everything that hangs on them. Each of these can be repeated until nothing is left. */
export interface Removal {
  /** One response. Its children stay, but cannot be rebuilt any more. */
  turn(record: ChainRecord, histories: Histories): Promise<void>;
  /** A response and all that continues it. */
  tree(record: ChainRecord, histories: Histories): Promise<Receipt>;
  /** All that the owner has in a chain. Throws `not_found` for a chain in which that is nothing. */
  chain(owner: string, chainId: string, histories: Histories): Promise<Receipt>;
  /** A whole chain, whoever its turns belong to: when its time is over. */
  expired(chainId: string, histories: Histories): Promise<void>;
}

export function createRemoval(deps: RemovalDeps): Removal {
  return {
    async turn(record, histories) {
      const buried = await deps.deletion.bury(record);
      if (buried?.pending !== undefined) await deps.deletion.clear(buried, histories);
      await forgetEmptyChain(deps, record);
    },

    async tree(record, histories) {
      const { owner, chainId } = record;
      const buried = await buryAll(deps, chainId, (records) => branchOf(records, record.id, owner));
      const last = await deps.deletion.lastNamed(owner, buried);
      const receipt = await writeReceipt(deps, { owner, id: entryId('receipt', record.id), buried, last });
      const unfinished = await clearAll(deps, buried, histories, last);
      await forgetEmptyChain(deps, record);
      return { ...receipt, unfinished };
    },

    async chain(owner, chainId, histories) {
      if (!isChainId(chainId)) throw notFound('Chain', chainId);
      const buried = await buryAll(deps, chainId, (records) => records.filter((turn) => turn.owner === owner), true);
      if (buried.length === 0) return earlierReceipt(deps, owner, chainId);
      // Written before anything is cleared: whoever repeats after a crash learns what the first call removed.
      const last = await deps.deletion.lastNamed(owner, buried);
      const receipt = await writeReceipt(deps, { owner, id: entryId('receipt', chainId), buried, last });
      await deps.directory.remove(owner, entryId('chain', chainId));
      const unfinished = await clearAll(deps, buried, histories, last);
      return { ...receipt, unfinished };
    },

    async expired(chainId, histories) {
      const buried = await buryAll(deps, chainId, (records) => records, true);
      await clearAll(deps, buried, histories);
      const owners = new Set(buried.map((turn) => turn.owner));
      await Promise.all([...owners].map((owner) => deps.directory.remove(owner, entryId('chain', chainId))));
    },
  };
}

/**
 * Buries what is chosen, and looks again until nothing new has come: no turn can be added behind a tombstone,
 * so the last look has seen them all. Gives the tombstones, those of earlier attempts included.
 */
async function buryAll(
  deps: RemovalDeps,
  chainId: string,
  choose: (records: readonly ChainRecord[]) => readonly ChainRecord[],
  leaves = false,
): Promise<ChainRecord[]> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const chosen = choose(await deps.store.chain(chainId));
    const standing = chosen.filter((turn) => turn.status !== 'deleted' || (leaves && turn.leaves === undefined));
    if (standing.length === 0) return [...chosen];
    await forEachOf(standing, AT_ONCE, async (turn) => {
      await deps.deletion.bury(turn, { leaves });
    });
  }
  throw new GatewayError(
    'conflict',
    'This chain keeps growing while it is being deleted. Stop its writers and try again.',
  );
}

/** How many could not be cleared. Files are looked at when every record that may name them is buried. */
async function clearAll(
  deps: RemovalDeps,
  buried: readonly ChainRecord[],
  histories: Histories,
  last?: LastNamed,
): Promise<number> {
  let unfinished = 0;
  await forEachOf(buried, AT_ONCE, async (turn) => {
    if (!(await deps.deletion.clear(turn, histories, last))) unfinished += 1;
  });
  return unfinished;
}

/** The record and its descendants that belong to the owner. */
function branchOf(records: readonly ChainRecord[], rootId: string, owner: string): ChainRecord[] {
  const inside = new Set([rootId]);
  // Parents come before their children: records are ordered by depth.
  for (const turn of records) if (turn.parentId !== null && inside.has(turn.parentId)) inside.add(turn.id);
  return records.filter((turn) => inside.has(turn.id) && turn.owner === owner);
}

/** Adds to the receipt of an earlier attempt, and keeps it for the next. */
async function writeReceipt(
  deps: RemovalDeps,
  { owner, id, buried, last }: { owner: string; id: string; buried: readonly ChainRecord[]; last: LastNamed },
): Promise<Receipt> {
  const before = (await deps.directory.read<ReceiptEntry>(owner, id))?.receipt ?? NOTHING;
  const known = new Set(before.responses);
  const fresh = buried.filter((turn) => !known.has(turn.id));
  const receipt: Receipt = {
    responses: [...before.responses, ...fresh.map((turn) => turn.id)],
    images: before.images + fresh.reduce((sum, turn) => sum + turn.images.length, 0),
    event_logs: before.event_logs + fresh.filter((turn) => turn.background && turn.streamed).length,
    files: [...new Set([...before.files, ...last.files])],
    containers: [...new Set([...before.containers, ...last.containers])],
    unfinished: 0,
  };
  if (fresh.length > 0) {
    const entry: ReceiptEntry = { id, owner, kind: 'receipt', receipt, ttl: RECEIPT_SECONDS };
    await deps.directory.upsert(entry);
  }
  return receipt;
}

const NOTHING: Receipt = { responses: [], images: 0, event_logs: 0, files: [], containers: [], unfinished: 0 };

async function earlierReceipt(deps: RemovalDeps, owner: string, chainId: string): Promise<Receipt> {
  const entry = await deps.directory.read<ReceiptEntry>(owner, entryId('receipt', chainId));
  if (entry === undefined) throw notFound('Chain', chainId);
  // What an interrupted deletion may have left behind.
  await deps.directory.remove(owner, entryId('chain', chainId));
  return entry.receipt;
}

/** A chain without a turn of the owner is no longer in the owner's list. */
export async function forgetEmptyChain(
  deps: Pick<RemovalDeps, 'store' | 'directory'>,
  { owner, chainId }: Pick<ChainRecord, 'owner' | 'chainId'>,
): Promise<void> {
  if (owner === EVERYBODY) return;
  const { rows } = await deps.store.query<string>(
    {
      query: 'SELECT TOP 1 VALUE c.id FROM c WHERE c.owner = @owner AND c.status != "deleted"',
      parameters: [{ name: '@owner', value: owner }],
    },
    { chainId, pageSize: 1 },
  );
  if (rows.length === 0) await deps.directory.remove(owner, entryId('chain', chainId));
}
