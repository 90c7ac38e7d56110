import type { Item } from '../upstream/wire.ts';
import type { ChainRecord } from './record.ts';
import type { ChainStore } from './store.ts';

/** An item of one of the owner's own responses, by its id; undefined when none of them has it. */
export type FindItem = (owner: string, itemId: string) => Promise<Item | undefined>;

/** Looks the record up by the index on `itemIds`, then the item in its parts. */
export function createFindItem(store: ChainStore): FindItem {
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
    return [...output, ...input].find((item) => item.id === itemId);
  };
}
