import { owned } from '../chains/access.ts';
import type { DeleteRecord } from '../chains/deletion.ts';
import type { ChainStore } from '../chains/store.ts';

export interface Removed {
  id: string;
  object: 'response';
  deleted: true;
}

/** Deletes one response and everything that hangs on it. Throws `not_found` for one that is not the caller's. */
export type Remove = (owner: string, id: string) => Promise<Removed>;

export function createRemove(deps: { store: ChainStore; deleteRecord: DeleteRecord }): Remove {
  return async (owner, id) => {
    await deps.deleteRecord(await owned(deps.store, owner, id));
    return { id, object: 'response', deleted: true };
  };
}
