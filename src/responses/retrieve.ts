import { readable } from '../chains/access.ts';
import type { ChainStore } from '../chains/store.ts';
import type { JsonObject } from '../upstream/wire.ts';
import type { ImageForm, Present } from './present.ts';

/** Gives a stored response, whatever its status. Throws `not_found` for one that is not the caller's. */
export type Retrieve = (owner: string, id: string, images: ImageForm) => Promise<JsonObject>;

export function createRetrieve(deps: { store: ChainStore; present: Present }): Retrieve {
  return async (owner, id, images) => deps.present(await readable(deps.store, owner, id), images);
}
