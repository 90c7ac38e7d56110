import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../local/cosmos/json.ts';
import { planQuery, rootScope } from '../../../../local/cosmos/query/plan.ts';

const orders: JsonObject[] = [
  {
    id: '1',
    city: 'Oslo',
    lines: [
      { sku: 'a', n: 1 },
      { sku: 'b', n: 2 },
    ],
  },
  { id: '2', city: 'Rome', lines: [{ sku: 'a', n: 5 }] },
  { id: '3', city: 'Oslo', lines: [] },
  { id: '4' },
];

function ask(query: string): unknown[] {
  const { compiled, rootName } = planQuery(query, {
    parameters: new Map(),
    userFunctions: new Map([['double', ([n]) => (typeof n === 'number' ? 2 * n : undefined)]]),
    clock: Date.now,
  });
  return compiled.collect(orders.map((order) => rootScope(rootName, () => order)));
}

describe('clauses', () => {
  it('names what is selected: alias, last property, $1', () => {
    expect(ask("SELECT c.id, c.city AS town, c.id || '!' FROM c WHERE c.id = '1'")).toEqual([
      { id: '1', town: 'Oslo', $1: '1!' },
    ]);
  });

  it('leaves out what is undefined', () => {
    expect(ask('SELECT VALUE c.city FROM c')).toEqual(['Oslo', 'Rome', 'Oslo']);
    expect(ask("SELECT c.city FROM c WHERE c.id = '4'")).toEqual([{}]);
  });

  it('goes through elements: FROM ... IN, JOIN, JOIN of a subquery', () => {
    expect(ask('SELECT VALUE l.sku FROM l IN c.lines')).toEqual(['a', 'b', 'a']);
    expect(ask('SELECT c.id, l.n FROM c JOIN l IN c.lines WHERE l.n > 1')).toEqual([
      { id: '1', n: 2 },
      { id: '2', n: 5 },
    ]);
    const many = 'SELECT VALUE l.sku FROM c JOIN (SELECT VALUE x FROM x IN c.lines WHERE x.n > 1) AS l';
    expect(ask(many)).toEqual(['b', 'a']);
  });

  it('starts at a part of the document', () => {
    expect(ask('SELECT VALUE l FROM c.lines AS l').length).toBe(3);
    expect(ask('SELECT VALUE r.id FROM root r')).toEqual(['1', '2', '3', '4']);
  });

  it('computes subqueries: ARRAY, scalar, EXISTS', () => {
    expect(ask("SELECT VALUE ARRAY(SELECT VALUE l.n FROM l IN c.lines) FROM c WHERE c.id = '1'")).toEqual([[1, 2]]);
    expect(ask("SELECT VALUE (SELECT VALUE SUM(l.n) FROM l IN c.lines) FROM c WHERE c.id = '1'")).toEqual([3]);
    expect(ask('SELECT VALUE c.id FROM c WHERE EXISTS(SELECT VALUE l FROM l IN c.lines WHERE l.n = 5)')).toEqual(['2']);
  });

  it('groups, also by what is undefined', () => {
    expect(ask('SELECT c.city, COUNT(1) AS n FROM c GROUP BY c.city')).toEqual([
      { city: 'Oslo', n: 2 },
      { city: 'Rome', n: 1 },
      { n: 1 },
    ]);
  });

  it('aggregates: undefined values do not count, other types spoil a sum', () => {
    expect(ask('SELECT VALUE COUNT(c.city) FROM c')).toEqual([3]);
    expect(ask('SELECT VALUE SUM(c.city) FROM c')).toEqual([]);
    expect(ask('SELECT VALUE MIN(c.city) FROM c')).toEqual(['Oslo']);
    expect(ask('SELECT VALUE AVG(l.n) FROM l IN c.lines WHERE l.sku = "a"')).toEqual([3]);
    expect(ask("SELECT COUNT(1) AS n, MAX(c.city) AS last FROM c WHERE c.id = 'none'")).toEqual([{ n: 0 }]);
    expect(ask('SELECT VALUE COUNT(1) + SUM(1) FROM c')).toEqual([8]);
  });

  it('keeps one of equal rows, whatever the order of their properties', () => {
    expect(ask('SELECT DISTINCT c.city FROM c')).toEqual([{ city: 'Oslo' }, { city: 'Rome' }, {}]);
    expect(ask('SELECT DISTINCT VALUE (c.id = "1" ? {a: 1, b: 2} : {b: 2, a: 1}) FROM c')).toHaveLength(1);
  });

  it('cuts: TOP, OFFSET LIMIT', () => {
    expect(ask('SELECT TOP 2 VALUE c.id FROM c')).toEqual(['1', '2']);
    expect(ask('SELECT VALUE c.id FROM c OFFSET 1 LIMIT 2')).toEqual(['2', '3']);
    expect(ask('SELECT TOP 0 VALUE c.id FROM c')).toEqual([]);
  });

  it('calls user-defined functions, reads over comments and any case', () => {
    expect(ask("select value udf.double(l.n) -- twice\nfrom l in c.lines where l.sku = 'b'")).toEqual([4]);
  });
});

describe('texts that a document must hold', () => {
  const required = (query: string) =>
    planQuery(query, {
      parameters: new Map([['@owner', 'me']]),
      userFunctions: new Map(),
      clock: Date.now,
    }).containing;

  it('are those of equalities joined by AND', () => {
    const query = 'SELECT * FROM c WHERE c.owner = @owner AND (c.n = 1 AND ARRAY_CONTAINS(c.ids, \'a "quote"\'))';
    expect(required(query)).toEqual([JSON.stringify('a "quote"'), '"me"']);
  });

  it('are not those of alternatives, negations, computed values or parts of objects', () => {
    expect(required("SELECT * FROM c WHERE c.a = 'x' OR c.b = 'y'")).toEqual([]);
    expect(required("SELECT * FROM c WHERE NOT c.a = 'x'")).toEqual([]);
    expect(required("SELECT * FROM c WHERE LOWER(c.a) = 'x'")).toEqual([]);
    expect(required("SELECT * FROM c WHERE ARRAY_CONTAINS(['x'], c.a)")).toEqual([]);
    expect(required("SELECT VALUE t FROM c JOIN (SELECT VALUE UPPER(c.a)) AS t WHERE t = 'X'")).toEqual([]);
  });
});
