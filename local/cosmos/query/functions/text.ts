import { badRequest } from '../../errors.ts';
import { isObject, type Json, type Value } from '../../json.ts';
import { builtIn, ofTexts, type BuiltIn } from './built-in.ts';

/** `f(text, text [, ignoreCase])`. */
const ofTextsAndCase = (test: (text: string, part: string) => Value): BuiltIn =>
  builtIn(2, 3, ([text, part, ignoreCase]) => {
    if (typeof text !== 'string' || typeof part !== 'string') return undefined;
    return ignoreCase === true ? test(text.toLowerCase(), part.toLowerCase()) : test(text, part);
  });

/** `f(text, number)`. */
const ofTextAndNumber = (apply: (text: string, number: number) => Value): BuiltIn =>
  builtIn(2, 2, ([text, number]) =>
    typeof text === 'string' && typeof number === 'number' ? apply(text, number) : undefined,
  );

export const textFunctions: Readonly<Record<string, BuiltIn>> = {
  CONCAT: builtIn(2, 1000, (args) => (args.every((arg) => typeof arg === 'string') ? args.join('') : undefined)),
  CONTAINS: ofTextsAndCase((text, part) => text.includes(part)),
  ENDSWITH: ofTextsAndCase((text, part) => text.endsWith(part)),
  INDEX_OF: builtIn(2, 3, ([text, part, from]) =>
    typeof text === 'string' && typeof part === 'string'
      ? text.indexOf(part, typeof from === 'number' ? from : 0)
      : undefined,
  ),
  LEFT: ofTextAndNumber((text, count) => text.slice(0, Math.max(0, count))),
  LENGTH: ofTexts(1, (text) => text.length),
  LOWER: ofTexts(1, (text) => text.toLowerCase()),
  LTRIM: ofTexts(1, (text) => text.trimStart()),
  REGEXMATCH: builtIn(2, 3, ([text, pattern, modifiers]) =>
    typeof text === 'string' && typeof pattern === 'string'
      ? regularExpression(pattern, typeof modifiers === 'string' ? modifiers : '').test(text)
      : undefined,
  ),
  REPLACE: ofTexts(3, (text = '', part = '', by = '') => text.split(part).join(by)),
  REPLICATE: ofTextAndNumber((text, times) => (times >= 0 && times <= 10_000 ? text.repeat(times) : undefined)),
  REVERSE: ofTexts(1, (text) => Array.from(text).reverse().join('')),
  RIGHT: ofTextAndNumber((text, count) => (count <= 0 ? '' : text.slice(-count))),
  RTRIM: ofTexts(1, (text) => text.trimEnd()),
  STARTSWITH: ofTextsAndCase((text, part) => text.startsWith(part)),
  STRINGEQUALS: ofTextsAndCase((text, part) => text === part),
  STRINGJOIN: builtIn(2, 2, ([list, separator]) =>
    Array.isArray(list) && list.every((item) => typeof item === 'string') && typeof separator === 'string'
      ? list.join(separator)
      : undefined,
  ),
  STRINGSPLIT: ofTexts(2, (text = '', separator = '') => text.split(separator)),
  STRINGTOARRAY: ofTexts(1, (text) => jsonIf(text, isList)),
  STRINGTOBOOLEAN: ofTexts(1, (text) => jsonIf(text, isBoolean)),
  STRINGTONULL: ofTexts(1, (text) => jsonIf(text, isNull)),
  STRINGTONUMBER: ofTexts(1, (text) => jsonIf(text, isNumber)),
  STRINGTOOBJECT: ofTexts(1, (text) => jsonIf(text, isObject)),
  SUBSTRING: builtIn(3, 3, ([text, start, count]) =>
    typeof text === 'string' && typeof start === 'number' && typeof count === 'number'
      ? text.slice(Math.max(0, start), Math.max(0, start) + Math.max(0, count))
      : undefined,
  ),
  TOSTRING: builtIn(1, 1, ([value]) => {
    if (value === undefined) return undefined;
    return typeof value === 'string' ? value : JSON.stringify(value);
  }),
  TRIM: ofTexts(1, (text) => text.trim()),
  UPPER: ofTexts(1, (text) => text.toUpperCase()),
};

const isList = (value: unknown): value is Json[] => Array.isArray(value);

const isNull = (value: unknown): value is null => value === null;

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

const isNumber = (value: unknown): value is number => typeof value === 'number';

/** The JSON value in a text, if it is of the kind asked for. */
function jsonIf<T extends Json>(text: string | undefined, test: (value: unknown) => value is T): Value {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return test(value) ? value : undefined;
  } catch {
    // Not JSON: the function yields undefined.
    return undefined;
  }
}

function regularExpression(pattern: string, modifiers: string): RegExp {
  if (/[^imsx]/.test(modifiers)) throw badRequest(`RegexMatch: unknown modifier in '${modifiers}'.`);
  const source = modifiers.includes('x') ? pattern.replace(/\s+/g, '') : pattern;
  try {
    return new RegExp(source, modifiers.replace('x', ''));
  } catch {
    throw badRequest(`RegexMatch: '${pattern}' is not a valid regular expression.`);
  }
}
