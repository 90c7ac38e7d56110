import { isObject, type Value } from '../json.ts';

/** The order of types in ORDER BY, MIN and MAX ("ORDER BY clause": undefined first, objects last). */
export type TypeRank = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export function typeRank(value: Value): TypeRank {
  if (value === undefined) return 0;
  if (value === null) return 1;
  if (typeof value === 'boolean') return 2;
  if (typeof value === 'number') return 3;
  if (typeof value === 'string') return 4;
  return Array.isArray(value) ? 5 : 6;
}

/** Total order over all values: by type first, then by value. */
export function compareValues(left: Value, right: Value): number {
  const byType = typeRank(left) - typeRank(right);
  if (byType !== 0) return byType;
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return compareText(JSON.stringify(left ?? null), JSON.stringify(right ?? null));
}

/** By code point, as the stored UTF-8 sorts; JavaScript's `<` would order surrogate pairs differently. */
function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a !== b) return isSurrogate(a) === isSurrogate(b) ? a - b : isSurrogate(a) ? 1 : -1;
  }
  return left.length - right.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** Deep equality; values of different types are not equal. */
export function equalValues(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, i) => equalValues(item, right[i]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && equalValues(left[name], right[name]))
  );
}

/** Whether `part` occurs in `whole`: every property of an object, compared in depth. */
export function containsPart(whole: Value, part: Value): boolean {
  if (!isObject(whole) || !isObject(part)) return equalValues(whole, part);
  return Object.keys(part).every((name) => Object.hasOwn(whole, name) && containsPart(whole[name], part[name]));
}

/** A text that equal values share: the key for DISTINCT and GROUP BY. */
export function identityOf(value: Value): string {
  if (value === undefined) return 'undefined';
  if (Array.isArray(value)) return `[${value.map(identityOf).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const parts = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${identityOf(value[name])}`);
  return `{${parts.join(',')}}`;
}
