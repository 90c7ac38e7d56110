import { badRequest } from '../errors.ts';
import { isObject, property, setProperty, type Json, type JsonObject, type Value } from '../json.ts';
import { isAggregate, type AggregateName } from './aggregates.ts';
import type { QueryClock } from './functions/built-in.ts';
import { findFunction } from './functions/table.ts';
import { likePattern } from './like.ts';
import { runSubquery } from './rows.ts';
import type { Arithmetic, Comparison, Expression, Kind } from './syntax.ts';
import { compareValues, equalValues, typeRank } from './values.ts';

/** What a query brings along besides its text. */
export interface QueryContext {
  parameters: ReadonlyMap<string, Value>;
  userFunctions: ReadonlyMap<string, (args: readonly Value[]) => Value>;
  clock: QueryClock;
}

/** The names that a row binds: the document and what JOIN adds. */
export type Scope = Readonly<Record<string, Value>>;

/** A compiled expression. `totals` holds the results of the aggregates, where there are any. */
export type Evaluator = (scope: Scope, totals: readonly Value[]) => Value;

/** An aggregate call found while compiling: its place in `totals` is its place in the list. */
export interface AggregateCall {
  name: AggregateName;
  argument: Evaluator;
}

export interface Environment {
  context: QueryContext;
  /** Names that a row binds; any other is an error of the query. */
  names: ReadonlySet<string>;
  /** Where aggregates are collected; undefined where they are not allowed (WHERE, GROUP BY ...). */
  aggregates: AggregateCall[] | undefined;
}

/**
 * Turns an expression into a function of a row.
 * @throws CosmosError 400 for unknown names, functions and parameters; 501 for functions that only Azure has.
 */
export function compile<K extends Kind>(expression: Expression<K>, environment: Environment): Evaluator {
  return COMPILERS[expression.kind](expression, environment);
}

type Compiler<K extends Kind> = (expression: Expression<K>, environment: Environment) => Evaluator;

const COMPILERS: { [K in Kind]: Compiler<K> } = {
  constant:
    ({ value }) =>
    () =>
      value,
  parameter: ({ name }, { context }) => {
    if (!context.parameters.has(name)) throw badRequest(`The parameter '${name}' of the query has no value.`);
    const value = context.parameters.get(name);
    return () => value;
  },
  name: ({ name }, { names }) => {
    if (!names.has(name)) throw badRequest(`Identifier '${name}' could not be resolved.`);
    return (scope) => scope[name];
  },
  member: compileMember,
  and: compileAnd,
  or: compileOr,
  coalesce: compilePair((left, right) => (left === undefined ? right : left)),
  concatenate: compilePair((left, right) =>
    typeof left === 'string' && typeof right === 'string' ? left + right : undefined,
  ),
  compare: (expression, environment) => compilePair(COMPARE[expression.operator])(expression, environment),
  arithmetic: (expression, environment) => compilePair(calculate(expression.operator))(expression, environment),
  not: compileOperand((value) => (typeof value === 'boolean' ? !value : undefined)),
  negate: compileOperand((value) => (typeof value === 'number' ? -value : undefined)),
  plus: compileOperand((value) => (typeof value === 'number' ? value : undefined)),
  complement: compileOperand((value) => (typeof value === 'number' ? ~value : undefined)),
  in: compileIn,
  between: compileBetween,
  like: compileLike,
  choose: ({ condition, yes, no }, environment) => {
    const [test, first, second] = [
      compile(condition, environment),
      compile(yes, environment),
      compile(no, environment),
    ];
    return (scope, totals) => (test(scope, totals) === true ? first(scope, totals) : second(scope, totals));
  },
  array: compileArray,
  object: compileObject,
  call: compileCall,
  'user-call': compileUserCall,
  exists: ({ query }, environment) => {
    const run = runSubquery(query, environment);
    return (scope) => run(scope).length > 0;
  },
  collect: ({ query }, environment) => runSubquery(query, environment),
  scalar: ({ query }, environment) => {
    const run = runSubquery(query, environment);
    return (scope) => run(scope)[0];
  },
};

function compileOperand(apply: (value: Value) => Value) {
  return ({ operand }: { operand: Expression }, environment: Environment): Evaluator => {
    const evaluate = compile(operand, environment);
    return (scope, totals) => apply(evaluate(scope, totals));
  };
}

function compilePair(apply: (left: Value, right: Value) => Value) {
  return (pair: { left: Expression; right: Expression }, environment: Environment): Evaluator => {
    const left = compile(pair.left, environment);
    const right = compile(pair.right, environment);
    return (scope, totals) => apply(left(scope, totals), right(scope, totals));
  };
}

function compileMember(expression: Expression<'member'>, environment: Environment): Evaluator {
  const object = compile(expression.object, environment);
  const key = compile(expression.key, environment);
  return (scope, totals) => memberOf(object(scope, totals), key(scope, totals));
}

function memberOf(object: Value, key: Value): Value {
  if (Array.isArray(object)) return typeof key === 'number' ? object[key] : undefined;
  return isObject(object) && typeof key === 'string' ? property(object, key) : undefined;
}

/** False wins over undefined: `false AND undefined` is false. */
function compileAnd(expression: Expression<'and'>, environment: Environment): Evaluator {
  const left = compile(expression.left, environment);
  const right = compile(expression.right, environment);
  return (scope, totals) => {
    const first = left(scope, totals);
    if (first === false) return false;
    const second = right(scope, totals);
    if (second === false) return false;
    return first === true && second === true ? true : undefined;
  };
}

/** True wins over undefined: `true OR undefined` is true. */
function compileOr(expression: Expression<'or'>, environment: Environment): Evaluator {
  const left = compile(expression.left, environment);
  const right = compile(expression.right, environment);
  return (scope, totals) => {
    const first = left(scope, totals);
    if (first === true) return true;
    const second = right(scope, totals);
    if (second === true) return true;
    return first === false && second === false ? false : undefined;
  };
}

/** Values of different types can be equal or not, but none is smaller. */
const ordered =
  (test: (comparison: number) => boolean) =>
  (left: Value, right: Value): Value =>
    typeRank(left) === typeRank(right) && typeRank(left) >= 1 && typeRank(left) <= 4
      ? test(compareValues(left, right))
      : undefined;

const COMPARE: Readonly<Record<Comparison, (left: Value, right: Value) => Value>> = {
  '=': (left, right) => (left === undefined || right === undefined ? undefined : equalValues(left, right)),
  '!=': (left, right) => (left === undefined || right === undefined ? undefined : !equalValues(left, right)),
  '<': ordered((comparison) => comparison < 0),
  '<=': ordered((comparison) => comparison <= 0),
  '>': ordered((comparison) => comparison > 0),
  '>=': ordered((comparison) => comparison >= 0),
};

const ARITHMETIC: Readonly<Record<Arithmetic, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '&': (left, right) => left & right,
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '<<': (left, right) => left << right,
  '>>': (left, right) => left >> right,
  '>>>': (left, right) => left >>> right,
};

function calculate(operator: Arithmetic): (left: Value, right: Value) => Value {
  const apply = ARITHMETIC[operator];
  return (left, right) => {
    if (typeof left !== 'number' || typeof right !== 'number') return undefined;
    const result = apply(left, right);
    return Number.isFinite(result) ? result : undefined;
  };
}

function compileIn(expression: Expression<'in'>, environment: Environment): Evaluator {
  const operand = compile(expression.operand, environment);
  const list = expression.list.map((item) => compile(item, environment));
  return (scope, totals) => {
    const value = operand(scope, totals);
    return value === undefined ? undefined : list.some((item) => equalValues(value, item(scope, totals)));
  };
}

function compileBetween(expression: Expression<'between'>, environment: Environment): Evaluator {
  const operand = compile(expression.operand, environment);
  const low = compile(expression.low, environment);
  const high = compile(expression.high, environment);
  return (scope, totals) => {
    const value = operand(scope, totals);
    const above = COMPARE['>='](value, low(scope, totals));
    const below = COMPARE['<='](value, high(scope, totals));
    return above === undefined || below === undefined ? undefined : above === true && below === true;
  };
}

function compileLike(expression: Expression<'like'>, environment: Environment): Evaluator {
  const operand = compile(expression.operand, environment);
  const pattern = compile(expression.pattern, environment);
  const escape = expression.escape ? compile(expression.escape, environment) : (): Value => undefined;
  let known: { pattern: string; test: RegExp } | undefined;
  return (scope, totals) => {
    const text = operand(scope, totals);
    const wanted = pattern(scope, totals);
    if (typeof text !== 'string' || typeof wanted !== 'string') return undefined;
    if (known?.pattern !== wanted) {
      const letter = escape(scope, totals);
      known = { pattern: wanted, test: likePattern(wanted, typeof letter === 'string' ? letter : undefined) };
    }
    return known.test.test(text);
  };
}

function compileArray(expression: Expression<'array'>, environment: Environment): Evaluator {
  const items = expression.items.map((item) => compile(item, environment));
  return (scope, totals) => {
    const list: Json[] = [];
    for (const item of items) {
      const value = item(scope, totals);
      if (value !== undefined) list.push(value);
    }
    return list;
  };
}

function compileObject(expression: Expression<'object'>, environment: Environment): Evaluator {
  const fields = expression.fields.map(({ name, value }) => ({ name, evaluate: compile(value, environment) }));
  return (scope, totals) => {
    const object: JsonObject = {};
    for (const { name, evaluate } of fields) {
      const value = evaluate(scope, totals);
      if (value !== undefined) setProperty(object, name, value);
    }
    return object;
  };
}

function compileCall({ name, args }: Expression<'call'>, environment: Environment): Evaluator {
  if (isAggregate(name)) return compileAggregate(name, args, environment);
  const { apply } = findFunction(name, args.length);
  const evaluators = args.map((arg) => compile(arg, environment));
  const { clock } = environment.context;
  return (scope, totals) =>
    apply(
      evaluators.map((evaluate) => evaluate(scope, totals)),
      clock,
    );
}

function compileAggregate(name: AggregateName, args: Expression[], environment: Environment): Evaluator {
  const [argument] = args;
  if (!argument || args.length > 1) throw badRequest(`The ${name} function requires 1 argument(s).`);
  if (!environment.aggregates) throw badRequest(`The aggregate ${name} is only allowed in the SELECT clause.`);
  const place = environment.aggregates.length;
  environment.aggregates.push({ name, argument: compile(argument, { ...environment, aggregates: undefined }) });
  return (_scope, totals) => totals[place];
}

function compileUserCall({ name, args }: Expression<'user-call'>, environment: Environment): Evaluator {
  const call = environment.context.userFunctions.get(name);
  if (!call) throw badRequest(`The user-defined function '${name}' does not exist in this container.`);
  const evaluators = args.map((arg) => compile(arg, environment));
  return (scope, totals) => call(evaluators.map((evaluate) => evaluate(scope, totals)));
}
