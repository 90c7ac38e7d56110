import { isObject, type Json, type Value } from '../../json.ts';
import { containsPart, equalValues } from '../values.ts';
import { builtIn, type BuiltIn } from './built-in.ts';

const has = (list: readonly Json[], wanted: Value): boolean => list.some((item) => equalValues(item, wanted));

const distinct = (list: readonly Json[]): Json[] => list.filter((item, i) => !has(list.slice(0, i), item));

/** A function of two lists. */
const ofLists = (apply: (left: Json[], right: Json[]) => Value): BuiltIn =>
  builtIn(2, 2, ([left, right]) => (Array.isArray(left) && Array.isArray(right) ? apply(left, right) : undefined));

/** A function of one list and the values that are looked for in it. */
const ofListAndValues = (apply: (list: Json[], values: readonly Value[]) => Value): BuiltIn =>
  builtIn(2, 1000, ([list, ...values]) => (Array.isArray(list) ? apply(list, values) : undefined));

export const arrayFunctions: Readonly<Record<string, BuiltIn>> = {
  ARRAY_CONCAT: builtIn(2, 1000, (args) => (args.every(Array.isArray) ? args.flat(1) : undefined)),
  ARRAY_CONTAINS: builtIn(2, 3, ([list, wanted, partial]) => {
    if (!Array.isArray(list) || wanted === undefined) return undefined;
    return partial === true ? list.some((item) => containsPart(item, wanted)) : has(list, wanted);
  }),
  ARRAY_CONTAINS_ALL: ofListAndValues((list, values) => values.every((value) => has(list, value))),
  ARRAY_CONTAINS_ANY: ofListAndValues((list, values) => values.some((value) => has(list, value))),
  ARRAY_LENGTH: builtIn(1, 1, ([list]) => (Array.isArray(list) ? list.length : undefined)),
  ARRAY_SLICE: builtIn(2, 3, ([list, start, count]) => {
    if (!Array.isArray(list) || typeof start !== 'number') return undefined;
    const from = start < 0 ? Math.max(0, list.length + start) : start;
    return typeof count === 'number' ? list.slice(from, from + Math.max(0, count)) : list.slice(from);
  }),
  CHOOSE: builtIn(2, 1000, ([index, ...values]) => (typeof index === 'number' ? values[index - 1] : undefined)),
  OBJECTTOARRAY: builtIn(1, 1, ([object]) =>
    isObject(object) ? Object.entries(object).map(([k, v]) => ({ k, v })) : undefined,
  ),
  SETDIFFERENCE: ofLists((left, right) => distinct(left.filter((item) => !has(right, item)))),
  SETINTERSECT: ofLists((left, right) => distinct(left.filter((item) => has(right, item)))),
  SETUNION: ofLists((left, right) => distinct([...left, ...right])),
};
