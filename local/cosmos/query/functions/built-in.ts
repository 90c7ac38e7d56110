import type { Value } from '../../json.ts';

/** One function of the query language. A wrong type of an argument yields undefined, as in Azure, not an error. */
export interface BuiltIn {
  least: number;
  most: number;
  apply: (args: readonly Value[], clock: QueryClock) => Value;
}

/** The time of a query, in milliseconds since 1970: the same for all its rows. */
export type QueryClock = () => number;

export const builtIn = (least: number, most: number, apply: BuiltIn['apply']): BuiltIn => ({ least, most, apply });

/** A function of texts only. */
export const ofTexts = (count: number, apply: (...texts: string[]) => Value): BuiltIn =>
  builtIn(count, count, (args) => (args.every((arg) => typeof arg === 'string') ? apply(...args) : undefined));

/** A function of numbers only; what is no finite number comes back as undefined. */
export const ofNumbers = (count: number, apply: (...numbers: number[]) => number): BuiltIn =>
  builtIn(count, count, (args) => {
    if (!args.every((arg) => typeof arg === 'number')) return undefined;
    const result = apply(...args);
    return Number.isFinite(result) ? result : undefined;
  });
