/** A value of the template language. */
export type Value = unknown;

export interface Lambda {
  apply: (value: Value) => Value;
}

export const text = (value: Value): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** `value.name`; what only Azure knows stays a placeholder. */
export function member(value: Value, name: string): Value {
  if (typeof value === 'string' && value.startsWith('<')) return `${value.slice(0, -1)}.${name}>`;
  return entries(value).find(([key]) => key === name)?.[1];
}

const list = (value: Value): Value[] => (Array.isArray(value) ? value : []);
const entries = (value: Value): [string, Value][] =>
  value !== null && typeof value === 'object' ? Object.entries(value) : [];

function apply(lambda: Value, value: Value): Value {
  const [, held] = entries(lambda).find(([key]) => key === 'apply') ?? [];
  if (!isLambda(held)) throw new Error('A lambda is missing.');
  return held(value);
}

const isLambda = (value: unknown): value is Lambda['apply'] => typeof value === 'function';

const isEmpty = (value: Value): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

function contains(where: Value, what: Value): boolean {
  if (Array.isArray(where)) return where.includes(what);
  if (typeof where === 'string') return where.includes(text(what));
  return entries(where).some(([key]) => key === what);
}

/** The functions of Bicep that the templates use and that need no Azure. */
export const FUNCTIONS: Record<string, (given: Value[]) => Value> = {
  empty: ([value]) => isEmpty(value),
  contains: ([where, what]) => contains(where, what),
  toLower: ([value]) => text(value).toLowerCase(),
  replace: ([value, what, by]) => text(value).replaceAll(text(what), text(by)),
  split: ([value, by]) => text(value).split(text(by)),
  join: ([value, by]) => list(value).join(text(by)),
  last: ([value]) => list(value).at(-1),
  union: (given) =>
    given.every((value) => Array.isArray(value))
      ? [...new Set(given.flatMap(list))]
      : Object.fromEntries(given.flatMap(entries)),
  items: ([value]) =>
    entries(value)
      .map(([key, held]) => ({ key, value: held }))
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
  filter: ([value, lambda]) => list(value).filter((entry) => apply(lambda, entry) === true),
  toObject: ([value, key, held]) =>
    Object.fromEntries(list(value).map((entry) => [text(apply(key, entry)), apply(held, entry)])),
  // infra/environment.bicep
  valueOr: ([value, fallback]) => (isEmpty(value) ? fallback : value),
  any: ([value]) => value,
  int: ([value]) => Number(value),
  bool: ([value]) => value === 'true',
};
