import { StartError } from '../core/start-error.ts';

/** One part of a route between two slashes. */
export interface Segment {
  /** Lower-case text that has to match; undefined for a parameter. */
  literal?: string;
  name?: string;
  optional: boolean;
  /** `{*rest}`: takes all that is left, slashes included. */
  catchAll: boolean;
  defaultValue?: string;
  checks: readonly RegExp[];
}

const PARAMETER = /^\{(\*{0,2})([A-Za-z_]\w*)((?::[A-Za-z]+(?:\([^)]*\))?)*)(?:=([^?}]*))?(\?)?\}$/;
const CONSTRAINT = /:([A-Za-z]+)(?:\(([^)]*)\))?/g;

/** The inline constraints of ASP.NET Core that are about form alone. */
const CONSTRAINTS: Readonly<Record<string, (argument: string) => RegExp>> = {
  int: () => /^[+-]?\d{1,10}$/,
  long: () => /^[+-]?\d{1,19}$/,
  bool: () => /^(true|false)$/i,
  guid: () => /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i,
  alpha: () => /^[a-z]*$/i,
  decimal: () => /^[+-]?\d+(\.\d+)?$/,
  double: () => /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i,
  float: () => /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i,
  datetime: () => /^\d{4}-\d{2}-\d{2}/,
  required: () => /./s,
  length: (argument) => {
    const [least = '', most = least] = argument.split(',').map((part) => part.trim());
    return new RegExp(`^.{${least},${most}}$`, 's');
  },
  minlength: (argument) => new RegExp(`^.{${argument},}$`, 's'),
  maxlength: (argument) => new RegExp(`^.{0,${argument}}$`, 's'),
  regex: (argument) => new RegExp(argument, 'i'),
};

/**
 * Reads one segment of a route template.
 * @throws StartError for what this host's routes cannot say, naming the function
 */
export function parseSegment(text: string, functionName: string): Segment {
  if (!text.includes('{')) return { literal: text.toLowerCase(), optional: false, catchAll: false, checks: [] };
  const match = PARAMETER.exec(text);
  const [, stars = '', name, constraints = '', defaultValue, question] = match ?? [];
  if (name === undefined) {
    throw new StartError(`Function '${functionName}': this host does not understand "${text}" in the route.`);
  }
  return {
    name,
    optional: question !== undefined,
    catchAll: stars !== '',
    defaultValue,
    checks: [...constraints.matchAll(CONSTRAINT)].map(([, kind = '', argument = '']) => {
      const make = CONSTRAINTS[kind.toLowerCase()];
      if (make) return make(argument);
      throw new StartError(`Function '${functionName}': this host does not know the route constraint "${kind}".`);
    }),
  };
}
