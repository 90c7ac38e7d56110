import { isObject, type Value } from '../../json.ts';
import { builtIn, type BuiltIn } from './built-in.ts';

const test = (holds: (value: Value) => boolean): BuiltIn => builtIn(1, 1, ([value]) => holds(value));

export const typeFunctions: Readonly<Record<string, BuiltIn>> = {
  IIF: builtIn(3, 3, ([condition, yes, no]) => (condition === true ? yes : no)),
  IS_ARRAY: test(Array.isArray),
  IS_BOOL: test((value) => typeof value === 'boolean'),
  IS_DEFINED: test((value) => value !== undefined),
  IS_FINITE_NUMBER: test(Number.isFinite),
  IS_INTEGER: test(Number.isInteger),
  IS_NULL: test((value) => value === null),
  IS_NUMBER: test((value) => typeof value === 'number'),
  IS_OBJECT: test(isObject),
  IS_PRIMITIVE: test((value) => value === null || ['string', 'number', 'boolean'].includes(typeof value)),
  IS_STRING: test((value) => typeof value === 'string'),
};
