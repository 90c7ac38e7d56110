import { builtIn, ofNumbers, type BuiltIn } from './built-in.ts';

const DEGREES_PER_RADIAN = 180 / Math.PI;

export const numberFunctions: Readonly<Record<string, BuiltIn>> = {
  ABS: ofNumbers(1, Math.abs),
  ACOS: ofNumbers(1, Math.acos),
  ASIN: ofNumbers(1, Math.asin),
  ATAN: ofNumbers(1, Math.atan),
  ATN2: ofNumbers(2, Math.atan2),
  CEILING: ofNumbers(1, Math.ceil),
  COS: ofNumbers(1, Math.cos),
  COT: ofNumbers(1, (x = 0) => 1 / Math.tan(x)),
  DEGREES: ofNumbers(1, (x = 0) => x * DEGREES_PER_RADIAN),
  EXP: ofNumbers(1, Math.exp),
  FLOOR: ofNumbers(1, Math.floor),
  LOG: builtIn(1, 2, ([x, base]) => {
    if (typeof x !== 'number' || x <= 0) return undefined;
    return typeof base === 'number' ? Math.log(x) / Math.log(base) : Math.log(x);
  }),
  LOG10: ofNumbers(1, Math.log10),
  NUMBERBIN: builtIn(1, 2, ([x, size = 1]) =>
    typeof x === 'number' && typeof size === 'number' && size !== 0 ? Math.floor(x / size) * size : undefined,
  ),
  PI: builtIn(0, 0, () => Math.PI),
  POWER: ofNumbers(2, Math.pow),
  RADIANS: ofNumbers(1, (x = 0) => x / DEGREES_PER_RADIAN),
  RAND: builtIn(0, 0, () => Math.random()),
  // Halves go away from zero, not up as with Math.round.
  ROUND: ofNumbers(1, (x = 0) => Math.sign(x) * Math.round(Math.abs(x))),
  SIGN: ofNumbers(1, Math.sign),
  SIN: ofNumbers(1, Math.sin),
  SQRT: ofNumbers(1, Math.sqrt),
  SQUARE: ofNumbers(1, (x = 0) => x * x),
  TAN: ofNumbers(1, Math.tan),
  TRUNC: ofNumbers(1, Math.trunc),
};
