import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../local/cosmos/json.ts';
import { checkOrder } from '../../../../local/cosmos/query/indexing.ts';

const everything: JsonObject = { includedPaths: [{ path: '/*' }], excludedPaths: [{ path: '/"_etag"/?' }] };

const up = (...path: string[]) => ({ path, descending: false });
const down = (...path: string[]) => ({ path, descending: true });

describe('what the indexing policy lets an ORDER BY do', () => {
  it('refuses an excluded path', () => {
    const policy = { ...everything, excludedPaths: [{ path: '/text/?' }, { path: '/deep/*' }] };
    expect(() => checkOrder([up('text')], policy)).toThrow(/order-by item is excluded/);
    expect(() => checkOrder([up('deep', 'x', 'y')], policy)).toThrow(/order-by item is excluded/);
    expect(checkOrder([up('texts')], policy)).toHaveLength(1);
  });

  it('goes by the most precise path', () => {
    const policy = {
      includedPaths: [{ path: '/*' }, { path: '/deep/kept/?' }],
      excludedPaths: [{ path: '/deep/*' }],
    };
    expect(checkOrder([up('deep', 'kept')], policy)).toHaveLength(1);
    expect(() => checkOrder([up('deep', 'other')], policy)).toThrow(/excluded/);
  });

  it('serves only what is included when nothing else is', () => {
    const policy = { includedPaths: [{ path: '/n/?' }], excludedPaths: [{ path: '/*' }] };
    expect(checkOrder([up('n')], policy)).toMatchObject([{ includeUndefined: true }]);
    expect(() => checkOrder([up('m')], policy)).toThrow(/excluded/);
    expect(checkOrder([up('_ts')], policy)).toHaveLength(1);
    expect(() => checkOrder([up('_etag')], everything)).toThrow(/excluded/);
  });

  it('wants a composite index of exactly these paths, in these directions or all turned', () => {
    const policy: JsonObject = {
      ...everything,
      compositeIndexes: [[{ path: '/a' }, { path: '/b', order: 'descending' }]],
    };
    expect(checkOrder([up('a'), down('b')], policy)).toHaveLength(2);
    expect(checkOrder([down('a'), up('b')], policy)).toHaveLength(2);
    expect(() => checkOrder([up('a'), up('b')], policy)).toThrow(/composite index/);
    expect(() => checkOrder([down('b'), up('a')], policy)).toThrow(/composite index/);
    expect(() => checkOrder([up('a'), down('b'), up('c')], policy)).toThrow(/composite index/);
    const longer = { ...everything, compositeIndexes: [[{ path: '/a' }, { path: '/b' }, { path: '/c' }]] };
    expect(() => checkOrder([up('a'), up('b')], longer)).toThrow(/composite index/);
  });
});
