import type { Item } from '../upstream/wire.ts';
import type { ChainRecord, ImageReference } from './record.ts';
import type { ChainStore } from './store.ts';

/** An item of one of the owner's own responses, by its id, with its image in it; undefined when none of them has it. */
export type FindItem = (owner: string, itemId: string) => Promise<Item | undefined>;

/** Looks the record up by the index on `itemIds`, then the item in its parts. */
export interface FindItemDeps {
  store: ChainStore;
  putImagesBack: (output: readonly Item[], images: readonly ImageReference[]) => Promise<Item[]>;
}

export function createFindItem({ store, putImagesBack }: FindItemDeps): FindItem {
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
    const found = [...output, ...input].find((item) => item.id === itemId);
    return found && (await putImagesBack([found], record.images))[0];
  };
}
