import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../../../local/cosmos/json.ts';
import { compareValues } from '../../../../local/cosmos/query/values.ts';
import { startAccount, type TestAccount } from './account.ts';

describe('ORDER BY and its pages', () => {
  let account: TestAccount;

  beforeAll(async () => {
    account = await startAccount();
  });
  afterAll(() => account.stop());

  const value: fc.Arbitrary<Json> = fc.oneof(
    fc.constantFrom(null, true, false, '', 'a', 'B', 'ä', '\u{1F600}', '\uFFFD', 0, 1, -1.5, 2 ** 53, 1e18, 1e300),
    fc.integer({ min: -3, max: 3 }),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
  );

  async function fill(
    rows: readonly { a?: Json; b?: Json }[],
    compositeIndexes?: { path: string; order: 'ascending' | 'descending' }[][],
  ) {
    const container = await account.container({
      partitionKey: { paths: ['/pk'] },
      ...(compositeIndexes && { indexingPolicy: { compositeIndexes } }),
    });
    for (let i = 0; i < rows.length; i += 100) {
      const operations = rows.slice(i, i + 100).map((row, k) => ({
        operationType: 'Create' as const,
        resourceBody: { id: `i${i + k}`, pk: 'x', ...row },
      }));
      await container.items.batch(operations, 'x');
    }
    return async (query: string, pageSize: number) => {
      const ids: string[] = [];
      let continuationToken: string | undefined;
      do {
        const options = { partitionKey: 'x', maxItemCount: pageSize, continuationToken };
        const page = await container.items.query<{ id: string }>(query, options).fetchNext();
        ids.push(...page.resources.map(({ id }) => id));
        continuationToken = page.continuationToken || undefined;
      } while (continuationToken !== undefined);
      return ids;
    };
  }

  /** The ids in the order of a comparison; ties in the order of creation, or against it when the order descends. */
  function sorted<T>(rows: readonly T[], compare: (left: T, right: T) => number, descending: boolean): string[] {
    return rows
      .map((row, i) => ({ row, i }))
      .sort((x, y) => compare(x.row, y.row) || (descending ? y.i - x.i : x.i - y.i))
      .map(({ i }) => `i${i}`);
  }

  it('goes by type, then by value, whatever the size of the pages', async () => {
    const row = fc.record({ a: value });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), async (rows, size) => {
        const read = await fill(rows);
        const up = sorted(rows, (x, y) => compareValues(x.a, y.a), false);
        expect(await read('SELECT c.id FROM c ORDER BY c.a', size)).toEqual(up);
        const down = sorted(rows, (x, y) => compareValues(y.a, x.a), true);
        expect(await read('SELECT * FROM c ORDER BY c.a DESC', size)).toEqual(down);
      }),
      { numRuns: 12 },
    );
  });

  it('goes by two properties in any directions that a composite index serves', async () => {
    const row = fc.record({ a: fc.integer({ min: 0, max: 2 }), b: value });
    const index = [
      { path: '/a', order: 'ascending' as const },
      { path: '/b', order: 'descending' as const },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), async (rows, size) => {
        const read = await fill(rows, [index]);
        const mixed = sorted(rows, (x, y) => x.a - y.a || compareValues(y.b, x.b), false);
        expect(await read('SELECT c.id FROM c ORDER BY c.a ASC, c.b DESC', size)).toEqual(mixed);
        const turned = sorted(rows, (x, y) => y.a - x.a || compareValues(x.b, y.b), true);
        expect(await read('SELECT c.id FROM c ORDER BY c.a DESC, c.b ASC', size)).toEqual(turned);
      }),
      { numRuns: 8 },
    );
  });

  it('leaves out documents without the property', async () => {
    const read = await fill([{ a: 1 }, {}, { a: null }]);
    expect(await read('SELECT c.id FROM c ORDER BY c.a', 10)).toEqual(['i2', 'i0']);
  });

  it('puts them first where the indexing policy names the path', async () => {
    const container = await account.container({
      partitionKey: { paths: ['/pk'] },
      indexingPolicy: { includedPaths: [{ path: '/*' }, { path: '/a/?' }] },
    });
    await container.items.create({ id: 'with', pk: 'x', a: 1 });
    await container.items.create({ id: 'without', pk: 'x' });
    const query = container.items.query('SELECT VALUE c.id FROM c ORDER BY c.a', { partitionKey: 'x' });
    expect((await query.fetchAll()).resources).toEqual(['without', 'with']);
  });

  it('reaches into objects, and names with a quote or a dot', async () => {
    const container = await account.container();
    await container.items.create({ id: '1', pk: 'x', o: { "it's.so": 2 } });
    await container.items.create({ id: '2', pk: 'x', o: { "it's.so": 1 } });
    const query = container.items.query(`SELECT VALUE c.id FROM c ORDER BY c.o["it's.so"]`, { partitionKey: 'x' });
    expect((await query.fetchAll()).resources).toEqual(['2', '1']);
  });
});
