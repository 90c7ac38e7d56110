import type { ChainRecord } from '../chains/record.ts';
import type { ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import type { JsonObject } from '../upstream/wire.ts';
import type { ImageForm, Present } from './present.ts';

export interface ListRequest {
  limit: number;
  order: 'asc' | 'desc';
  after?: string;
  before?: string;
}

export interface Listed {
  data: JsonObject[];
  hasMore: boolean;
}

/** The owner's responses by time of creation. The cursor is an id of the list. */
export type List = (owner: string, page: ListRequest, images: ImageForm) => Promise<Listed>;

export function createList(deps: { store: ChainStore; present: Present }): List {
  return async (owner, page, images) => {
    const backwards = page.before !== undefined && page.after === undefined;
    const cursor = await findCursor(deps.store, owner, backwards ? 'before' : 'after', page);
    // A page that ends before the cursor is read from the cursor away, then turned round.
    const descending = (page.order === 'desc') !== backwards;
    const { rows } = await deps.store.query<ChainRecord>(
      {
        query:
          'SELECT * FROM c WHERE c.owner = @owner AND c.kind = "response" AND c.status != "deleted"' +
          (cursor === undefined ? '' : ` AND c.sort ${descending ? '<' : '>'} @sort`) +
          ` ORDER BY c.sort ${descending ? 'DESC' : 'ASC'} OFFSET 0 LIMIT @limit`,
        parameters: [
          { name: '@owner', value: owner },
          { name: '@limit', value: page.limit + 1 },
          ...(cursor === undefined ? [] : [{ name: '@sort', value: cursor.sort }]),
        ],
      },
      { pageSize: page.limit + 1 },
    );
    const shown = rows.slice(0, page.limit);
    if (backwards) shown.reverse();
    return {
      data: await Promise.all(shown.map((record) => deps.present(record, images))),
      hasMore: rows.length > page.limit,
    };
  };
}

async function findCursor(
  store: ChainStore,
  owner: string,
  param: 'after' | 'before',
  page: ListRequest,
): Promise<ChainRecord | undefined> {
  const id = page[param];
  if (id === undefined) return undefined;
  const record = await store.read(id);
  if (record?.owner === owner) return record;
  throw new GatewayError('invalid_value', `'${param}' names no response of this list.`, { param });
}
