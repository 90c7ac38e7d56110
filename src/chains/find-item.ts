import type { Item } from '../upstream/wire.ts';
import type { ChainRecord, ImageReference } from './record.ts';
import type { ChainStore } from './store.ts';

export interface FoundItem {
  item: Item;
  /** Of an image call: the picture, which lies outside of the item. */
  image?: ImageReference;
}

/** An item of one of the owner's own responses, by its id; undefined when none of them has it. */
export type FindItem = (owner: string, itemId: string) => Promise<FoundItem | undefined>;

/** Looks the record up by the index on `itemIds`, then the item in its parts. */
export function createFindItem({ store }: { store: Pick<ChainStore, 'query' | 'open'> }): FindItem {
  return async (owner, itemId) => {
    const { rows } = await store.query<ChainRecord>(
      {
        query:
          'SELECT TOP 1 * FROM c WHERE c.owner = @owner AND ARRAY_CONTAINS(c.itemIds, @item) AND c.status != "deleted"',
        parameters: [
          { name: '@owner', value: owner },
          { name: '@item', value: itemId },
        ],
      },
      { pageSize: 1 },
    );
    const record = rows[0];
    if (record === undefined) return undefined;
    const [output, input] = await Promise.all([store.open(record.output), store.open(record.input)]);
    const item = [...output, ...input].find(({ id }) => id === itemId);
    return item && { item, image: record.images.find((image) => image.itemId === itemId) };
  };
}
