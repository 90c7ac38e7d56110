import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/errors.ts';
import { refuseCostly } from '../../../src/http/json-cost.ts';
import { JSON_DEPTH_LIMIT, JSON_VALUES_LIMIT } from '../../../src/platform/limits.ts';

const refused = (json: string): boolean => {
  try {
    refuseCostly(Buffer.from(json));
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError);
    return true;
  }
};

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('refuseCostly', () => {
  it.each([
    [nested(JSON_DEPTH_LIMIT), false],
    [nested(JSON_DEPTH_LIMIT + 1), true],
    [`${nested(JSON_DEPTH_LIMIT)},`.repeat(3), false],
    ['{"a":'.repeat(JSON_DEPTH_LIMIT + 1), true],
    ['['.repeat(1_000), true],
    [']'.repeat(1_000), false],
    [`"${'['.repeat(1_000)}"`, false],
    [`"\\"${'['.repeat(1_000)}"`, false],
    [`"\\\\"${'['.repeat(1_000)}`, true],
    [`"\\\\\\"${'['.repeat(1_000)}`, false],
    [`"${'['.repeat(1_000)}`, false],
  ])('%s -> %s', (json, expected) => {
    expect(refused(json)).toBe(expected);
  });

  it('counts what stands in lists and objects', () => {
    expect(refused(`[${'1,'.repeat(JSON_VALUES_LIMIT - 1)}1]`)).toBe(false);
    expect(refused(`[${'1,'.repeat(JSON_VALUES_LIMIT)}1]`)).toBe(true);
  });

  it('measures the depth that the parser makes of it', () => {
    const deep = fc.tuple(fc.jsonValue({ maxDepth: 5 }), fc.nat(70), fc.string({ unit: 'binary', maxLength: 5 }));
    fc.assert(
      fc.property(deep, ([inside, levels, name]) => {
        let value: unknown = inside;
        for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value, '}]"\\'] : { [name]: value };
        expect(refused(JSON.stringify(value))).toBe(depthOf(value) > JSON_DEPTH_LIMIT);
      }),
    );
  });
});

function depthOf(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
