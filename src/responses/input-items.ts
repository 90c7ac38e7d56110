import type { Images } from '../artifacts/images.ts';
import { readable } from '../chains/access.ts';
import type { ChainStore } from '../chains/store.ts';
import { contextOf, pathTo } from '../chains/transcript.ts';
import { copyItemId } from '../platform/ids.ts';
import type { Item } from '../upstream/wire.ts';
import { visibleItem } from './include.ts';
import { showImages, type ImageForm } from './present.ts';

export interface InputItems {
  /** The full context of a turn, oldest first: earlier turns' inputs and outputs, then this turn's inputs. Ids are stable. */
  items: Item[];
  /** The same items with their images: only those that are shown need to be read. */
  withImages(items: readonly Item[], form: ImageForm): Promise<Item[]>;
}

/** Large and sealed parts are shown when `include` asks for them. */
export type ListInputItems = (owner: string, id: string, include: readonly string[]) => Promise<InputItems>;

export function createInputItems(deps: { store: ChainStore; images: Pick<Images, 'putBack'> }): ListInputItems {
  return async (owner, id, include) => {
    const path = await pathTo(deps.store, await readable(deps.store, owner, id));
    const items = await contextOf(deps.store, path);
    return {
      items: distinct(items).map((item) => visibleItem(item, include)),
      async withImages(page, form) {
        let shown = [...page];
        for (const turn of path) if (turn.images.length > 0) shown = await showImages(deps, turn, shown, form);
        return shown;
      },
    };
  };
}

/** Cursors name one item each. Callers may send an item again, or choose an id twice: the later one is listed under an id of its own. */
function distinct(items: readonly Item[]): Item[] {
  const seen = new Map<string, number>();
  return items.map((item) => {
    const times = seen.get(item.id) ?? 0;
    seen.set(item.id, times + 1);
    return times === 0 ? item : { ...item, id: copyItemId(item.id, times) };
  });
}
