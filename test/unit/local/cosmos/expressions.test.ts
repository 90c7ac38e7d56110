import { describe, expect, it } from 'vitest';
import { CosmosError } from '../../../../local/cosmos/errors.ts';
import type { JsonObject, Value } from '../../../../local/cosmos/json.ts';
import { planQuery, rootScope } from '../../../../local/cosmos/query/plan.ts';

const NOON = Date.UTC(2026, 0, 31, 12);

/** The value of an expression for one document `c`; undefined when it is not there. */
function evaluate(expression: string, document: JsonObject = {}, parameters: Record<string, Value> = {}): Value {
  const { compiled, rootName } = planQuery(`SELECT VALUE ${expression} FROM c`, {
    parameters: new Map(Object.entries(parameters)),
    userFunctions: new Map(),
    clock: () => NOON,
  });
  return compiled.collect([rootScope(rootName, () => document)])[0];
}

describe('expressions', () => {
  it.each<[string, Value]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['-2 - -3', 1],
    ['7 % 4', 3],
    ['6 & 3 | 8', 10],
    ['1 << 3', 8],
    ["'a' || 'b'", 'ab'],
    ['1 = 1.0', true],
    ["1 = '1'", false],
    ["1 != '1'", true],
    ["1 < '1'", undefined],
    ['[1, {"a": 2}] = [1, {"a": 2}]', true],
    ['{"a": 1} = {"a": 1, "b": 2}', false],
    ['null = null', true],
    ['c.missing = c.missing', undefined],
    ['NOT 1 = 2', true],
    ['NOT c.missing', undefined],
    ['false AND c.missing', false],
    ['true AND c.missing', undefined],
    ['true OR c.missing', true],
    ['false OR c.missing', undefined],
    ['1 IN (3, 2, 1)', true],
    ['1 NOT IN (3, 2)', true],
    ['2 BETWEEN 1 AND 2', true],
    ["'2' BETWEEN 1 AND 2", undefined],
    ['2 NOT BETWEEN 3 AND 4 AND true', true],
    ["c.missing ?? 'default'", 'default'],
    ["1 = 1 ? 'yes' : 'no'", 'yes'],
    ['1 / 0', undefined],
    [`"say \\"hi\\"\\n\\u0041"`, 'say "hi"\nA'],
    ["'it\\'s'", "it's"],
    ['{name: 1, "other name": undefined}', { name: 1 }],
    ['[1, undefined, 2]', [1, 2]],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });

  it.each<[string, string, boolean]>([
    ['abc', "'a%'", true],
    ['abc', "'a_c'", true],
    ['abc', "'A%'", false],
    ['a.c', "'a.c'", true],
    ['axc', "'a.c'", false],
    ['a[c', "'a[[]c'", true],
    ['bat', "'[bc]at'", true],
    ['bat', "'[^bc]at'", false],
    ['100%', "'100!%' ESCAPE '!'", true],
    ['1000', "'100!%' ESCAPE '!'", false],
    ['two\nlines', "'two%'", true],
  ])('%j LIKE %s is %s', (text, pattern, expected) => {
    expect(evaluate(`c.text LIKE ${pattern}`, { text })).toBe(expected);
  });

  it('reads properties by name and by expression, and elements by index', () => {
    const document = { order: 1, list: [10, 20], inner: { 'a b': 5 }, name: 'order' };
    expect(evaluate('c["order"]', document)).toBe(1);
    expect(evaluate('c[c.name]', document)).toBe(1);
    expect(evaluate('c.list[1]', document)).toBe(20);
    expect(evaluate('c.inner["a b"]', document)).toBe(5);
    expect(evaluate('c.list.length', document)).toBeUndefined();
  });

  it('takes nothing from the prototype of an object', () => {
    expect(evaluate('c.constructor')).toBeUndefined();
    expect(evaluate('c["__proto__"]')).toBeUndefined();
  });

  it('takes a parameter wherever a value may stand', () => {
    expect(evaluate('c.n > @least AND ARRAY_CONTAINS(@list, c.n)', { n: 2 }, { '@least': 1, '@list': [2] })).toBe(true);
  });

  it.each([
    ['SELECT * FROM c WHERE', /near 'end of query'/],
    ['SELECT * FROM c WHERE c.a = ', /near 'end of query'/],
    ['SELECT c.order FROM c', /near 'order'/],
    ['SELECT * FROM c WHERE x.a = 1', /Identifier 'x' could not be resolved/],
    ['SELECT * FROM c WHERE c.a = @missing', /'@missing' of the query has no value/],
    ['SELECT VALUE NOPE(1) FROM c', /'NOPE' is not a recognized built-in function name/],
    ['SELECT VALUE LENGTH() FROM c', /LENGTH function requires/],
    ['SELECT * FROM c WHERE COUNT(1) > 2', /only allowed in the SELECT clause/],
    ['SELECT * FROM c WHERE c.a = #', /near '#'/],
    ['SELECT c.a FROM c ORDER BY LOWER(c.a)', /could not be mapped to a document path/],
    ['SELECT c.a FROM c GROUP BY c.a ORDER BY c.a', /not supported in presence of GROUP BY/],
    ['SELECT * FROM c JOIN t IN c.tags', /only valid with a single input set/],
    ['SELECT TOP -1 * FROM c', /near '-'/],
    ['SELECT VALUE udf.nope(1) FROM c', /'nope' does not exist/],
  ])('refuses %s', (query, message) => {
    const plan = () => planQuery(query, { parameters: new Map(), userFunctions: new Map(), clock: Date.now });
    expect(plan).toThrow(CosmosError);
    expect(plan).toThrow(message);
  });
});

describe('functions', () => {
  it.each<[string, Value]>([
    ["CONCAT('a', 'b', 'c')", 'abc'],
    ["CONCAT('a', 1)", undefined],
    ["INDEX_OF('abcabc', 'c', 3)", 5],
    ["LEFT('abc', 2)", 'ab'],
    ["RIGHT('abc', 2)", 'bc'],
    ["RIGHT('abc', 0)", ''],
    ["SUBSTRING('abcdef', 1, 3)", 'bcd'],
    ["REPLACE('a-b-c', '-', '+')", 'a+b+c'],
    ["REGEXMATCH('ABC', '^a.c$', 'i')", true],
    ["STRINGTONUMBER('12.5')", 12.5],
    ["STRINGTONUMBER('12x')", undefined],
    ['STRINGTOOBJECT(\'{"a":1}\')', { a: 1 }],
    ["STRINGTOARRAY('[1')", undefined],
    ['TOSTRING({"a": [1]})', '{"a":[1]}'],
    ["StringSplit('a,b', ',')", ['a', 'b']],
    ['ROUND(-2.5)', -3],
    ['SQRT(-1)', undefined],
    ['NumberBin(37, 10)', 30],
    ['ARRAY_SLICE([1, 2, 3, 4], -2, 1)', [3]],
    ['ARRAY_CONCAT([1], [2, 3])', [1, 2, 3]],
    ['ARRAY_CONTAINS([{"a": 1, "b": 2}], {"a": 1})', false],
    ['ARRAY_CONTAINS([{"a": 1, "b": 2}], {"a": 1}, true)', true],
    ["ARRAY_CONTAINS('no list', 1)", undefined],
    ['SetIntersect([1, 2, 2], [2, 3])', [2]],
    ['SetUnion([1, 2], [2, 3])', [1, 2, 3]],
    ['IS_INTEGER(1.5)', false],
    ['IS_PRIMITIVE([])', false],
    ["IIF(1 < 2, 'a', 'b')", 'a'],
    ['GetCurrentDateTime()', '2026-01-31T12:00:00.0000000Z'],
    ["DateTimeAdd('month', 1, '2026-01-31T00:00:00Z')", '2026-02-28T00:00:00.0000000Z'],
    ["DateTimeDiff('day', '2026-01-31T23:00:00Z', '2026-02-01T01:00:00Z')", 1],
    ["DateTimePart('hour', '2026-01-31T23:15:00Z')", 23],
    ["DateTimeToTimestamp('no date')", undefined],
    ['TimestampToDateTime(0)', '1970-01-01T00:00:00.0000000Z'],
    ['UPPER(1)', undefined],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });
});
