import { buriedOrOwned } from '../chains/access.ts';
import type { Histories } from '../chains/deletion.ts';
import type { Receipt, Removal } from '../chains/removal.ts';
import type { ChainStore } from '../chains/store.ts';

export interface Removed {
  id: string;
  object: 'response';
  deleted: true;
  /** What a deletion with `cascade` took along. */
  removed?: Receipt;
}

/**
 * Deletes a response and everything that hangs on it; with `cascade`, also what continues it. A repeated deletion says the same.
 * Throws `not_found` for one that is not the caller's.
 */
export type Remove = (
  owner: string,
  id: string,
  options: { cascade: boolean; histories: Histories },
) => Promise<Removed>;

export function createRemove(deps: { store: ChainStore; removal: Removal }): Remove {
  return async (owner, id, { cascade, histories }) => {
    const record = await buriedOrOwned(deps.store, owner, id);
    const removed = cascade ? await deps.removal.tree(record, histories) : undefined;
    if (!cascade) await deps.removal.turn(record, histories);
    return { id, object: 'response', deleted: true, ...(removed === undefined ? {} : { removed }) };
  };
}
