import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount, type Account } from './account.ts';
import { fill, pager } from './query-data.ts';

describe('pages of queries', () => {
  let account: Account;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount();
    container = await account.container('pages');
    await fill(container);
  });
  afterAll(() => account.close());

  const readPages = pager(() => container);

  it('of one partition, in order, by continuation token', async () => {
    const pages = await readPages('SELECT VALUE c.n FROM c ORDER BY c.n', { partitionKey: 'odd', maxItemCount: 7 });
    expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, i) => 2 * i + 1));
    expect(Math.max(...pages.map((page) => page.length))).toBe(7);
  });

  it('of all partitions, by continuation token', async () => {
    const rows = (await readPages('SELECT VALUE c.n FROM c', { maxItemCount: 20 })).flat();
    expect(rows).toHaveLength(50);
    expect(new Set(rows).size).toBe(50);
  });

  it('keep their place when items arrive in between', async () => {
    const growing = await account.container('growing');
    for (let n = 10; n < 20; n++) await growing.items.create({ id: `i${n}`, pk: 'x', n });
    const options = { partitionKey: 'x', maxItemCount: 4 };
    const query = 'SELECT VALUE c.n FROM c ORDER BY c.n';
    const { continuationToken } = await growing.items.query(query, options).fetchNext();
    await growing.items.create({ id: 'i5', pk: 'x', n: 5 });
    const second = await growing.items.query(query, { ...options, continuationToken }).fetchNext();
    expect(second.resources).toEqual([14, 15, 16, 17]);
  });

  it('readAll() gives everything', async () => {
    expect((await container.items.readAll().fetchAll()).resources).toHaveLength(50);
  });

  it('the asynchronous iterator gives everything', async () => {
    let rows = 0;
    for await (const page of container.items.query('SELECT * FROM c', { maxItemCount: 10 }).getAsyncIterator()) {
      rows += page.resources.length;
    }
    expect(rows).toBe(50);
  });
});
