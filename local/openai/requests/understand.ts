import type { z } from 'zod';
import { invalid, invalidValue, missingParameter, type Refusal } from '../refusals.ts';

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
      return invalidValue(
        param,
        `Invalid value: '${shown(value)}'. Supported values are: ${listed(issue.values.map(String))}.`,
      );
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
  // The branch that got furthest into the value says best what is wrong with it.
  const deepest = issue.errors.flat().toSorted((a, b) => b.path.length - a.path.length)[0];
  const values = issue.errors
    .flat()
    .flatMap((error) => (error.code === 'invalid_value' ? error.values.map(String) : []));
  if (typeof value === 'string' && values.length > 0) {
    return invalidValue(param, `Invalid value: '${shown(value)}'. Supported values are: ${listed(values)}.`);
  }
  if (deepest && deepest.path.length > 0 && Array.isArray(value)) {
    return wrongType(`${param}${asSuffix(deepest.path)}`, 'object', valueAt(value, deepest.path));
  }
  const expected = issue.errors.flat().map((error) => (error.code === 'invalid_type' ? error.expected : error.code));
  return wrongType(param, expected.join(' or '), value);
}

const wrongType = (param: string, expected: string, value: unknown): Refusal =>
  invalid(
    `Invalid type for '${param}': expected ${article(expected)}, but got ${nameOf(value)} instead.`,
    param,
    'invalid_type',
  );

function outOfRange(param: string, value: unknown, origin: string, side: 'min' | 'max', bound: number): Refusal {
  const word = side === 'min' ? 'below minimum' : 'above maximum';
  const sign = side === 'min' ? '>=' : '<=';
  if (origin === 'array' || origin === 'string') {
    const size = typeof value === 'string' || Array.isArray(value) ? value.length : 0;
    const long = side === 'min' ? 'too short' : 'too long';
    return invalid(
      `Invalid '${param}': ${origin} ${long}. Expected ${origin === 'array' ? 'an array' : 'a string'} with ${side === 'min' ? 'minimum' : 'maximum'} length ${bound}, but got length ${size} instead.`,
      param,
      `${origin}_${side === 'min' ? 'below_min' : 'above_max'}_length`,
    );
  }
  const kind = origin === 'int' || (Number.isInteger(bound) && Number.isInteger(value)) ? 'integer' : 'decimal';
  return invalid(
    `Invalid '${param}': ${kind} ${word} value. Expected a value ${sign} ${bound}, but got ${shown(value)} instead.`,
    param,
    `${kind}_${side === 'min' ? 'below_min' : 'above_max'}_value`,
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

function listed(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  if (quoted.length < 2) return quoted.join('');
  return `${quoted.slice(0, -1).join(', ')}${quoted.length > 2 ? ',' : ''} and ${quoted.at(-1) ?? ''}`;
}
