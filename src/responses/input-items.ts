import { readable } from '../chains/access.ts';
import type { ChainStore } from '../chains/store.ts';
import { contextOf } from '../chains/transcript.ts';
import type { Item } from '../upstream/wire.ts';
import { visibleItem } from './include.ts';

/**
 * The full context of a turn, oldest first: earlier turns' inputs and outputs, then this turn's inputs. Ids are stable.
 * Large and sealed parts are shown when `include` asks for them.
 */
export type InputItems = (owner: string, id: string, include: readonly string[]) => Promise<Item[]>;

export function createInputItems(deps: { store: ChainStore }): InputItems {
  return async (owner, id, include) => {
    const items = await contextOf(deps.store, await readable(deps.store, owner, id));
    return items.map((item) => visibleItem(item, include));
  };
}
