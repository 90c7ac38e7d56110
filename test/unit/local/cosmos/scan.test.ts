import { beforeAll, describe, expect, it } from 'vitest';
import { createItem } from '../../../../local/cosmos/documents/operations.ts';
import { planQuery } from '../../../../local/cosmos/query/plan.ts';
import { runQuery } from '../../../../local/cosmos/query/run.ts';
import { Catalog } from '../../../../local/cosmos/store/catalog.ts';
import type { Container } from '../../../../local/cosmos/store/container.ts';
import { openDatabase } from '../../../../local/cosmos/store/open.ts';
import { scanStatement, type Scan } from '../../../../local/cosmos/store/scan.ts';

const db = openDatabase(':memory:');
const catalog = new Catalog(db, Date.now);
let container: Container;

beforeAll(() => {
  catalog.createDatabase({ id: 'd' });
  const both = [{ path: '/createdAt' }, { path: '/id' }];
  container = catalog.createContainer('d', {
    id: 'c',
    partitionKey: { paths: ['/pk'] },
    indexingPolicy: { compositeIndexes: [both] },
  });
  catalog.atomically(container, () => {
    for (let i = 0; i < 3000; i++) {
      const createdAt = (i * 7919) % 3000;
      createItem(container, undefined, {
        id: `i${i}`,
        pk: `p${i % 2}`,
        createdAt,
        owner: `o${i % 10}`,
        ids: [`m${i}`],
      });
    }
  });
});

const partition = { text: '["p1"]', prefix: false };

function ask(query: string, options: { continuation?: string | undefined; partition?: typeof partition } = {}) {
  const plan = planQuery(query, { parameters: new Map(), userFunctions: new Map(), clock: Date.now });
  return runQuery(container, plan, { pageItems: 20, partition: undefined, continuation: undefined, ...options });
}

describe('how much a query reads', () => {
  it.each(['ORDER BY c.createdAt DESC', 'ORDER BY c.createdAt', 'ORDER BY c.createdAt DESC, c.id DESC'])(
    'only its page of a large partition: %s',
    (order) => {
      const first = ask(`SELECT * FROM c ${order}`, { partition });
      expect(first).toMatchObject({ scanned: 20 });
      const second = ask(`SELECT * FROM c ${order}`, { partition, continuation: first.continuation });
      expect(second).toMatchObject({ scanned: 20 });
      expect(second.rows).not.toEqual(first.rows);
    },
  );

  it('only documents that hold the texts of the condition', () => {
    const { rows, scanned } = ask("SELECT c.id FROM c WHERE c.owner = 'o7' AND ARRAY_CONTAINS(c.ids, 'm17')");
    expect(rows).toEqual(['{"id":"i17"}']);
    expect(scanned).toBe(1);
  });
});

describe('how SQLite reads', () => {
  const order = [{ path: ['createdAt'], descending: true, includeUndefined: false }];
  const base: Scan = { partition, order, after: undefined, containing: [] };

  it.each<[string, Scan]>([
    ['the first page of a partition', base],
    ['a later page', { ...base, after: { keys: [3, 1500], rid: 1 } }],
    ['the opposite order', { ...base, order: order.map((term) => ({ ...term, descending: false })) }],
    ['all partitions', { ...base, partition: undefined }],
  ])('%s: by an index, without sorting', (_name, scan) => {
    // The scan makes its index.
    container.documents.scan(scan).next();
    const { sql, values } = scanStatement(`documents_${container.number}`, scan, 0);
    const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
    const details = steps.map(({ detail }) => String(detail)).join('; ');
    expect(details).toMatch(/USING INDEX \w+_order_/);
    expect(details).not.toContain('TEMP B-TREE');
    if (scan.after) expect(details).toMatch(/\(\w+,\w+\)</);
  });
});
