import type { Item } from '../upstream/wire.ts';
import type { ChainRecord } from './record.ts';
import type { ChainStore } from './store.ts';

/** From this depth on, one partition query is cheaper than a point read per ancestor. */
const POINT_READS_UP_TO_DEPTH = 3;

/**
 * The turns from the root of the chain to this record, oldest first, tombstones included.
 * An ancestor without a document (removed by hand) ends the path early.
 */
export async function pathTo(store: ChainStore, record: ChainRecord): Promise<ChainRecord[]> {
  const path = [record];
  const known =
    record.depth > POINT_READS_UP_TO_DEPTH
      ? new Map((await store.chain(record.chainId)).map((turn) => [turn.id, turn]))
      : undefined;
  for (let at = record; at.parentId !== null;) {
    const parent = known ? known.get(at.parentId) : await store.read(at.parentId);
    if (parent === undefined) break;
    path.unshift(parent);
    at = parent;
  }
  return path;
}

/** The whole conversation on a path up to and without the last turn's output: earlier inputs and outputs, then the last input. */
export async function contextOf(store: ChainStore, path: readonly ChainRecord[]): Promise<Item[]> {
  const turns = await Promise.all(
    path
      .filter((turn) => turn.status !== 'deleted')
      .map(async (turn) => {
        const input = await store.open(turn.input);
        return turn === path.at(-1) ? input : [...input, ...(await store.open(turn.output))];
      }),
  );
  return turns.flat();
}
