import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pager } from '../../../conformance/cosmos/query-data.ts';
import { statusOf } from '../../../conformance/cosmos/status-of.ts';
import { startAccount, type TestAccount } from './account.ts';

describe('pages', () => {
  let account: TestAccount;
  let container: Container;

  beforeAll(async () => {
    account = await startAccount();
    container = await account.container();
    for (let n = 0; n < 12; n++) await container.items.create({ id: `i${n}`, pk: 'x', n, group: n % 3 });
  });
  afterAll(() => account.stop());

  const readPages = pager(() => container);

  it('count TOP, OFFSET and LIMIT over all of them', async () => {
    const top = await readPages('SELECT TOP 5 VALUE c.n FROM c ORDER BY c.n', { partitionKey: 'x', maxItemCount: 2 });
    expect(top).toEqual([[0, 1], [2, 3], [4]]);
    const cut = await readPages('SELECT VALUE c.n FROM c ORDER BY c.n DESC OFFSET 3 LIMIT 5', {
      partitionKey: 'x',
      maxItemCount: 2,
    });
    expect(cut).toEqual([[8, 7], [6, 5], [4]]);
  });

  it('cut results that are computed as a whole', async () => {
    const groups = await readPages('SELECT c["group"] AS g, COUNT(1) AS k FROM c GROUP BY c["group"]', {
      partitionKey: 'x',
      maxItemCount: 2,
    });
    expect(groups).toEqual([
      [
        { g: 0, k: 4 },
        { g: 1, k: 4 },
      ],
      [{ g: 2, k: 4 }],
    ]);
  });

  it('end with an empty one when the last full page held the last row, as Azure does at times', async () => {
    const pages = await readPages('SELECT VALUE c.n FROM c', { partitionKey: 'x', maxItemCount: 12 });
    expect(pages.map((page) => page.length)).toEqual([12, 0]);
  });

  it('keep their place when the last row of a page is deleted or changed', async () => {
    const own = await account.container();
    for (let n = 0; n < 6; n++) await own.items.create({ id: `i${n}`, pk: 'x', n });
    const query = 'SELECT VALUE c.n FROM c ORDER BY c.n';
    const options = { partitionKey: 'x', maxItemCount: 3 };
    const { continuationToken } = await own.items.query(query, options).fetchNext();
    await own.item('i2', 'x').delete();
    await own.item('i1', 'x').replace({ id: 'i1', pk: 'x', n: 10 });
    const rest = await own.items.query(query, { ...options, maxItemCount: 10, continuationToken }).fetchNext();
    expect(rest.resources).toEqual([3, 4, 5, 10]);
  });

  it('stay under 4 MB', async () => {
    const large = await account.container();
    for (let i = 0; i < 3; i++) await large.items.create({ id: `i${i}`, pk: 'x', text: 'x'.repeat(1_900_000) });
    const first = await large.items.query('SELECT * FROM c', { partitionKey: 'x', maxItemCount: 10 }).fetchNext();
    expect(first.resources).toHaveLength(2);
    expect((await large.items.query('SELECT * FROM c', { partitionKey: 'x' }).fetchAll()).resources).toHaveLength(3);
  });

  it('refuse a token that is none, or belongs to another kind of query', async () => {
    const ask = (query: string, continuationToken: string) =>
      statusOf(container.items.query(query, { partitionKey: 'x', continuationToken }).fetchNext());
    expect(await ask('SELECT * FROM c', 'nonsense')).toBe(400);
    const { continuationToken } = await container.items.query('SELECT * FROM c', { maxItemCount: 1 }).fetchNext();
    expect(await ask('SELECT * FROM c ORDER BY c.n', continuationToken)).toBe(400);
    expect(await ask('SELECT DISTINCT c.n FROM c', continuationToken)).toBe(400);
  });
});

describe('queries over several partitions', () => {
  let account: TestAccount;
  let container: Container;

  beforeAll(async () => {
    account = await startAccount();
    container = await account.container();
    for (let n = 0; n < 10; n++) await container.items.create({ id: `i${n}`, pk: `p${n % 3}`, n });
  });
  afterAll(() => account.stop());

  const query = 'SELECT VALUE c.n FROM c WHERE c.n > 3 ORDER BY c.n DESC';

  it('give all rows, in order, cut and counted', async () => {
    expect((await container.items.query(query).fetchAll()).resources).toEqual([9, 8, 7, 6, 5, 4]);
    const top = 'SELECT TOP 3 VALUE c.n FROM c ORDER BY c.n';
    expect((await container.items.query(top).fetchAll()).resources).toEqual([0, 1, 2]);
    expect((await container.items.query('SELECT VALUE COUNT(1) FROM c').fetchAll()).resources).toEqual([10]);
    expect((await container.items.query('SELECT DISTINCT c.pk FROM c').fetchAll()).resources).toHaveLength(3);
  });

  it('give no continuation token when they are ordered, as in Azure', async () => {
    const page = await container.items.query(query, { maxItemCount: 2 }).fetchNext();
    expect(page.resources).toEqual([9, 8]);
    expect(page.continuationToken).toBeUndefined();
  });

  it('give one, which serves the next page, with enableQueryControl', async () => {
    const options = { maxItemCount: 2, enableQueryControl: true };
    const first = await container.items.query(query, options).fetchNext();
    expect(first.resources).toEqual([9, 8]);
    const { continuationToken } = first;
    const second = await container.items.query(query, { ...options, continuationToken }).fetchNext();
    expect(second.resources).toEqual([7, 6]);
  });
});
