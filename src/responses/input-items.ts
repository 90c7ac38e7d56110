import { readable } from '../chains/access.ts';
import type { ChainStore } from '../chains/store.ts';
import { contextOf } from '../chains/transcript.ts';
import type { Item } from '../upstream/wire.ts';

/** The full context of a turn, oldest first: earlier turns' inputs and outputs, then this turn's inputs. Ids are stable. */
export type InputItems = (owner: string, id: string) => Promise<Item[]>;

export function createInputItems(deps: { store: ChainStore }): InputItems {
  return async (owner, id) => contextOf(deps.store, await readable(deps.store, owner, id));
}
