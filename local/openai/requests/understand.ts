import type { z } from 'zod';
import { invalid, invalidValue, missingParameter, unsupportedValue, type Refusal } from '../refusals.ts';

type Issue = z.core.$ZodIssue;

/** The body in its checked form. @throws Refusal 400 that names the first wrong field, in the words of the service. */
export function understand<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw issue ? explain(issue, body) : invalid('The request is malformed.', null);
}

function explain(issue: Issue, body: unknown): Refusal {
  const param = asParam(issue.path);
  const value = valueAt(body, issue.path);
  if (param === '')
    return invalid(
      `Invalid type for the request body: expected an object, but got ${nameOf(value)} instead.`,
      null,
      'invalid_type',
    );
  if (value === undefined) return missingParameter(param);
  switch (issue.code) {
    case 'too_small':
      return outOfRange(param, value, issue.origin, 'min', Number(issue.minimum));
    case 'too_big':
      return outOfRange(param, value, issue.origin, 'max', Number(issue.maximum));
    case 'invalid_value':
      return unsupportedValue(param, value, issue.values.map(String));
    case 'invalid_type':
      return wrongType(param, issue.expected, value);
    case 'invalid_union':
      return ofUnion(issue, param, value);
    case 'invalid_format':
      return invalidValue(
        param,
        `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '${issue.pattern ?? issue.format}'.`,
      );
    default:
      return invalid(`Invalid value for '${param}'.`, param, 'invalid_value');
  }
}

function ofUnion(issue: Extract<Issue, { code: 'invalid_union' }>, param: string, value: unknown): Refusal {
  const options = 'options' in issue ? issue.options : undefined;
  if (options) return unsupportedValue(param, value, options.map(String));
  // The branch that got furthest into the value says best what is wrong with it.
  const deepest = issue.errors.flat().toSorted((a, b) => b.path.length - a.path.length)[0];
  const values = issue.errors
    .flat()
    .flatMap((error) => (error.code === 'invalid_value' ? error.values.map(String) : []));
  if (typeof value === 'string' && values.length > 0) {
    return unsupportedValue(param, value, values);
  }
  if (deepest && deepest.path.length > 0 && Array.isArray(value)) {
    return wrongType(`${param}${asSuffix(deepest.path)}`, 'object', valueAt(value, deepest.path));
  }
  // Of the values of an enumeration all are strings.
  const expected = issue.errors.flat().map((error) => (error.code === 'invalid_type' ? error.expected : 'string'));
  return wrongType(param, expected.join(' or '), value);
}

const wrongType = (param: string, expected: string, value: unknown): Refusal =>
  invalid(
    `Invalid type for '${param}': expected ${article(expected)}, but got ${nameOf(value)} instead.`,
    param,
    'invalid_type',
  );

function outOfRange(param: string, value: unknown, origin: string, side: 'min' | 'max', bound: number): Refusal {
  if (origin === 'array' || origin === 'string') return wrongLength(param, value, origin, side, bound);
  const kind = Number.isInteger(bound) && Number.isInteger(value) ? 'integer' : 'decimal';
  const [word, sign, code] =
    side === 'min' ? ['below minimum', '>=', 'below_min'] : ['above maximum', '<=', 'above_max'];
  return invalid(
    `Invalid '${param}': ${kind} ${word} value. Expected a value ${sign} ${bound}, but got ${shown(value)} instead.`,
    param,
    `${kind}_${code}_value`,
  );
}

function wrongLength(
  param: string,
  value: unknown,
  origin: 'array' | 'string',
  side: 'min' | 'max',
  bound: number,
): Refusal {
  const length = typeof value === 'string' || Array.isArray(value) ? value.length : 0;
  const [word, most, code] = side === 'min' ? ['short', 'minimum', 'below_min'] : ['long', 'maximum', 'above_max'];
  return invalid(
    `Invalid '${param}': ${origin} too ${word}. Expected ${article(origin)} with ${most} length ${bound}, but got length ${length} instead.`,
    param,
    `${origin}_${code}_length`,
  );
}

const asParam = (path: readonly PropertyKey[]): string => asSuffix(path).replace(/^\./, '');

const asSuffix = (path: readonly PropertyKey[]): string =>
  path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([key]) => key === String(step))?.[1];
  }
  return value;
}

const SHOWN_MAX_CHARACTERS = 64;

const shown = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, SHOWN_MAX_CHARACTERS);

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal number';
  return article(typeof value);
}

const NAMES: Readonly<Record<string, string>> = { int: 'an integer', record: 'an object', number: 'a decimal number' };

const article = (word: string): string => NAMES[word] ?? (/^[aeio]/.test(word) ? `an ${word}` : `a ${word}`);
