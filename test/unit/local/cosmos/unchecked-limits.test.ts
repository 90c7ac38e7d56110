import { describe, expect, it } from 'vitest';
import { createItem } from '../../../../local/cosmos/documents/operations.ts';
import { handleBatch } from '../../../../local/cosmos/handlers/batch.ts';
import { pageItems } from '../../../../local/cosmos/handlers/queries.ts';
import type { CosmosRequest } from '../../../../local/cosmos/http/request.ts';
import { MAX_BATCH_OPERATIONS } from '../../../../local/cosmos/limits.ts';
import { Catalog } from '../../../../local/cosmos/store/catalog.ts';
import { openDatabase } from '../../../../local/cosmos/store/open.ts';

/** The official client checks these before it sends anything; others may not. */
describe('limits that the client checks too', () => {
  const catalog = new Catalog(openDatabase(':memory:'), Date.now);
  catalog.createDatabase({ id: 'd' });
  const container = catalog.createContainer('d', { id: 'c', partitionKey: { paths: ['/pk'] } });

  const request = (headers: Record<string, string>, body: unknown): CosmosRequest => ({
    method: 'POST',
    segments: [],
    search: new URLSearchParams(),
    headers,
    text: JSON.stringify(body),
    origin: '',
  });

  const batch = (count: number) => {
    const operation = { operationType: 'Upsert', resourceBody: { id: '1', pk: 'a' } };
    const headers = { 'x-ms-documentdb-partitionkey': '["a"]', 'x-ms-cosmos-batch-atomic': 'True' };
    return handleBatch(request(headers, Array(count).fill(operation)), catalog, container);
  };

  it('a batch has at most 100 operations, and at least one', () => {
    expect(batch(MAX_BATCH_OPERATIONS).status).toBe(200);
    expect(() => batch(MAX_BATCH_OPERATIONS + 1)).toThrow(/more operations than what is supported/);
    expect(() => batch(0)).toThrow(/at least one/);
  });

  it.each(['a/b', 'a\\b', 'a#b', 'a?b', 'ends with space ', '', 5, null])('the id %j is refused', (id) => {
    expect(() => createItem(container, undefined, { id, pk: 'a' })).toThrow(/'id'/);
  });

  it('a page has a whole number of items, or as many as the service likes', () => {
    const pages = (count: string) => pageItems(request({ 'x-ms-max-item-count': count }, {}));
    expect(pages('7')).toBe(7);
    expect(pages('-1')).toBeGreaterThan(100);
    expect(() => pages('many')).toThrow(/no number of items/);
    expect(() => pages('-5')).toThrow(/no number of items/);
  });
});
