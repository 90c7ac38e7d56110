import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { declaredGap, openAccount, type Account } from './account.ts';
import { asker, fill } from './query-data.ts';
import { statusOf } from './status-of.ts';

describe('results of queries', () => {
  let account: Account;
  let container: Container;
  const ask = asker(() => container);

  beforeAll(async () => {
    account = await openAccount();
    container = await account.container('results');
    await fill(container);
  });
  afterAll(() => account.close());

  it('OFFSET LIMIT', async () => {
    expect(await ask('SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 10 LIMIT 3')).toEqual([10, 11, 12]);
  });

  it('DISTINCT', async () => {
    expect((await ask('SELECT DISTINCT VALUE c.o.k FROM c')).sort()).toEqual([0, 1, 2, 3]);
  });

  it('TOP', async () => {
    expect(await ask('SELECT TOP 2 c.n FROM c ORDER BY c.n')).toEqual([{ n: 0 }, { n: 1 }]);
  });

  it('TOP with a parameter', async () => {
    expect(await ask('SELECT TOP @most c.id FROM c ORDER BY c.n', { most: 4 })).toHaveLength(4);
  });

  it('COUNT, SUM, MAX over all partitions', async () => {
    expect(await ask('SELECT VALUE COUNT(1) FROM c')).toEqual([50]);
    expect(await ask('SELECT VALUE SUM(c.n) FROM c')).toEqual([1225]);
    expect(await ask('SELECT VALUE MAX(c.n) FROM c')).toEqual([49]);
  });

  it('GROUP BY', async () => {
    const rows = await ask('SELECT c.pk, COUNT(1) AS k FROM c GROUP BY c.pk');
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(
      expect.arrayContaining([
        { pk: 'odd', k: 25 },
        { pk: 'even', k: 25 },
      ]),
    );
  });

  it('JOIN of an array, EXISTS', async () => {
    expect(await ask("SELECT VALUE COUNT(1) FROM c JOIN t IN c.tags WHERE t = 'y'")).toEqual([17]);
    const exists = "EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = 'y')";
    expect(await ask(`SELECT VALUE COUNT(1) FROM c WHERE ${exists}`)).toEqual([17]);
  });

  it('ORDER BY two properties with a composite index', async () => {
    const composite = await account.container('composite');
    for (const [a, b] of [
      [1, 1],
      [1, 2],
      [0, 9],
    ]) {
      await composite.items.create({ id: `${a}${b}`, pk: 'x', a, b });
    }
    const query = 'SELECT VALUE c.id FROM c ORDER BY c.a ASC, c.b DESC';
    const { resources } = await composite.items.query(query, { partitionKey: 'x' }).fetchAll();
    expect(resources).toEqual(['09', '12', '11']);
  });

  it('ORDER BY two properties without a composite index: 400', async () => {
    const query = 'SELECT VALUE c.id FROM c ORDER BY c.pk ASC, c.n DESC';
    expect(await statusOf(container.items.query(query, { partitionKey: 'odd' }).fetchAll())).toBe(400);
  });

  it('a request charge, and metrics when asked for', async () => {
    const { requestCharge } = await container.items
      .query('SELECT * FROM c', { populateQueryMetrics: true })
      .fetchNext();
    expect(requestCharge).toBeGreaterThan(0);
  });

  declaredGap('vectorSearch', 'VectorDistance', () =>
    ask('SELECT TOP 1 c.id, VectorDistance(c.v, [1, 2]) AS s FROM c ORDER BY VectorDistance(c.v, [1, 2])'),
  );
});
