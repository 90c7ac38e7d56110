import { badRequest } from '../errors.ts';
import type { Json, Value } from '../json.ts';
import { createAccumulator, type Accumulator } from './aggregates.ts';
import { compile, type AggregateCall, type Environment, type Evaluator, type Scope } from './evaluate.ts';
import type { Expression, Projection, Select, Source } from './syntax.ts';
import { identityOf } from './values.ts';

/** A SELECT without its root: how source rows become result rows. ORDER BY is the storage's business. */
export interface CompiledSelect {
  /** FROM, JOIN and WHERE: the rows that come of one source row. */
  expand: (scope: Scope) => Iterable<Scope>;
  /** The SELECT clause for one row; undefined rows are left out of the result. */
  project: (scope: Scope) => Value;
  /** The whole of it, for queries that cannot be answered row by row. */
  collect: (scopes: Iterable<Scope>) => Json[];
  /** Aggregates or GROUP BY: rows exist only when all sources have been seen. */
  grouped: boolean;
  /** Values of TOP, OFFSET and LIMIT. */
  skip: number;
  most: number;
}

const NO_TOTALS: readonly Value[] = [];

/**
 * Compiles a SELECT whose FROM is resolved against the names of `environment`.
 * @throws CosmosError 400 for unknown names and wrong counts.
 */
export function compileSelect(select: Select, environment: Environment): CompiledSelect {
  const { expand, names } = compileSources(select, environment);
  const inner = { ...environment, names, aggregates: undefined };
  const calls: AggregateCall[] = [];
  const projection = compileProjection(select, { ...inner, aggregates: calls });
  const keys = select.groupBy.map((key) => compile(key, inner));
  const grouped = calls.length > 0 || keys.length > 0;
  const { skip, most } = compileCounts(select, inner);

  function* results(scopes: Iterable<Scope>): Iterable<Json> {
    const rows = grouped ? group(scopes, calls, keys) : ungrouped(scopes);
    for (const { scope, totals } of rows) {
      const value = projection(scope, totals);
      if (value !== undefined) yield value;
    }
  }
  function* expandAll(scopes: Iterable<Scope>): Iterable<Scope> {
    for (const scope of scopes) yield* expand(scope);
  }
  return {
    expand,
    project: (scope) => projection(scope, NO_TOTALS),
    grouped,
    skip,
    most,
    collect(scopes) {
      const values = results(expandAll(scopes));
      return [...slice(select.distinct ? distinct(values) : values, skip, most)];
    },
  };
}

/** A subquery, ready to run for the row around it. */
export function runSubquery(query: Select, environment: Environment): (scope: Scope) => Json[] {
  if (query.orderBy.length > 0) throw badRequest("'ORDER BY' is not supported in subqueries.");
  const { collect } = compileSelect(query, { ...environment, aggregates: undefined });
  return (scope) => collect([scope]);
}

type Expand = (scope: Scope) => Iterable<Scope>;

function compileSources(select: Select, environment: Environment): { expand: Expand; names: ReadonlySet<string> } {
  const sources = select.from ? [select.from, ...select.joins] : [];
  let names = environment.names;
  let expand: Expand = (scope) => [scope];
  for (const source of sources) {
    expand = chain(expand, compileSource(source, { ...environment, names, aggregates: undefined }));
    names = new Set([...names, source.alias]);
  }
  if (!select.where) return { expand, names };
  const where = compile(select.where, { ...environment, names, aggregates: undefined });
  return {
    names,
    expand: chain(expand, (scope) => (where(scope, NO_TOTALS) === true ? [scope] : [])),
  };
}

const chain = (first: Expand, second: Expand): Expand =>
  function* (scope) {
    for (const row of first(scope)) yield* second(row);
  };

function compileSource(source: Source, environment: Environment): Expand {
  const { alias } = source;
  if (source.kind === 'subquery') {
    const run = runSubquery(source.query, environment);
    return (scope) => run(scope).map((value) => ({ ...scope, [alias]: value }));
  }
  const path = compile(source.path, environment);
  if (source.kind === 'path') {
    // `FROM c`: the name is bound already.
    if (source.path.kind === 'name' && source.path.name === alias) return (scope) => [scope];
    return (scope) => {
      const value = path(scope, NO_TOTALS);
      return value === undefined ? [] : [{ ...scope, [alias]: value }];
    };
  }
  return (scope) => {
    const list = path(scope, NO_TOTALS);
    return Array.isArray(list) ? list.map((value) => ({ ...scope, [alias]: value })) : [];
  };
}

function compileProjection(select: Select, environment: Environment): Evaluator {
  const { projection } = select;
  if (projection.kind === 'list') return compile(toObject(projection.items), environment);
  if (projection.kind === 'value') return compile(projection.expression, environment);
  if (!select.from || select.joins.length > 0) {
    throw badRequest("'SELECT *' is only valid with a single input set.");
  }
  return compile({ kind: 'name', name: select.from.alias }, environment);
}

/** `SELECT a, b` yields objects; an expression without a name gets `$1`, `$2` ... */
function toObject(items: Extract<Projection, { kind: 'list' }>['items']): Expression<'object'> {
  let unnamed = 0;
  const fields = items.map(({ expression, alias }) => ({ name: alias ?? `$${++unnamed}`, value: expression }));
  return { kind: 'object', fields };
}

function compileCounts(select: Select, environment: Environment): { skip: number; most: number } {
  const count = (expression: Expression | undefined, otherwise: number): number => {
    if (!expression) return otherwise;
    const value = compile(expression, environment)({}, NO_TOTALS);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
      throw badRequest('TOP, OFFSET and LIMIT take a whole number that is not negative.');
    }
    return value;
  };
  const top = count(select.top, Infinity);
  return { skip: count(select.offset, 0), most: Math.min(top, count(select.limit, Infinity)) };
}

interface Row {
  scope: Scope;
  totals: readonly Value[];
}

function* ungrouped(scopes: Iterable<Scope>): Iterable<Row> {
  for (const scope of scopes) yield { scope, totals: NO_TOTALS };
}

/** One row for each group; without GROUP BY there is exactly one, also for no rows at all. */
function group(scopes: Iterable<Scope>, calls: readonly AggregateCall[], keys: readonly Evaluator[]): Row[] {
  const groups = new Map<string, { scope: Scope; accumulators: Accumulator[] }>();
  const open = (scope: Scope) => ({ scope, accumulators: calls.map((call) => createAccumulator(call.name)) });
  for (const scope of scopes) {
    const key = keys.map((evaluate) => identityOf(evaluate(scope, NO_TOTALS))).join(',');
    let found = groups.get(key);
    if (!found) groups.set(key, (found = open(scope)));
    found.accumulators.forEach((accumulator, i) => accumulator.add(calls[i]?.argument(scope, NO_TOTALS)));
  }
  if (keys.length === 0 && groups.size === 0) groups.set('', open({}));
  return [...groups.values()].map(({ scope, accumulators }) => ({
    scope,
    totals: accumulators.map((accumulator) => accumulator.result()),
  }));
}

function* distinct(values: Iterable<Json>): Iterable<Json> {
  const seen = new Set<string>();
  for (const value of values) {
    const identity = identityOf(value);
    if (seen.has(identity)) continue;
    seen.add(identity);
    yield value;
  }
}

function* slice(values: Iterable<Json>, skip: number, most: number): Iterable<Json> {
  let position = 0;
  if (most === 0) return;
  for (const value of values) {
    if (position++ < skip) continue;
    yield value;
    if (position >= skip + most) return;
  }
}
