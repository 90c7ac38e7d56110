import { badRequest } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { orderWithGroup } from '../refusals.ts';
import type { QueryContext, Scope } from './evaluate.ts';
import { compileSelect, type CompiledSelect } from './rows.ts';
import { parseQuery } from './select-parser.ts';
import type { Expression, Select, Source } from './syntax.ts';

/** An ORDER BY term that the storage can serve: a path of the document. */
export interface OrderPath {
  path: readonly string[];
  descending: boolean;
}

export interface QueryPlan {
  compiled: CompiledSelect;
  /** The name of the document in the query; undefined without FROM: then there is one row and no document. */
  rootName: string | undefined;
  order: readonly OrderPath[];
  /** Texts that every document of the result has in its JSON. */
  containing: readonly string[];
  /** One document gives at most one row, in the order of the scan: pages can resume at a document. */
  streaming: boolean;
  /** The rows are whole documents: their stored text can be sent as it is. */
  wholeDocuments: boolean;
}

const PARSED_LIMIT = 500;
const parsed = new Map<string, Select>();

/** Parsed queries by text: applications send the same few again and again. */
function parseCached(text: string): Select {
  let select = parsed.get(text);
  if (!select) {
    select = parseQuery(text);
    if (parsed.size >= PARSED_LIMIT) parsed.clear();
    parsed.set(text, select);
  }
  return select;
}

/**
 * Decides how a query is answered.
 * @throws CosmosError 400 for what Azure refuses, 501 for what only this stand-in refuses.
 */
export function planQuery(text: string, context: QueryContext): QueryPlan {
  const select = parseCached(text);
  const rootName = select.from && rootNameOf(select.from);
  const names = new Set(rootName === undefined ? [] : [rootName]);
  const compiled = compileSelect(select, { context, names, aggregates: undefined });
  if (select.orderBy.length > 0 && select.groupBy.length > 0) throw orderWithGroup();
  const paths = documentPaths(select, rootName);
  const plain = select.from?.kind === 'path' && select.joins.length === 0;
  const streaming = plain && !compiled.grouped && !select.distinct;
  return {
    compiled,
    rootName,
    order: select.orderBy.map(({ expression, descending }) => ({ path: requirePath(expression, paths), descending })),
    // The longest is likely to be the rarest: it is looked for first.
    containing: requiredTexts(select.where, new Set(paths.keys()), context).sort((a, b) => b.length - a.length),
    streaming,
    wholeDocuments: streaming && isWholeDocument(select, rootName),
  };
}

/** The row of one document, parsed only when the query looks into it. */
export function rootScope(rootName: string | undefined, document: () => JsonObject): Scope {
  if (rootName === undefined) return {};
  let known: JsonObject | undefined;
  return Object.defineProperty({}, rootName, { enumerable: true, get: () => (known ??= document()) });
}

/** The leftmost name of FROM stands for the document, whatever it is called. */
function rootNameOf(source: Source): string {
  if (source.kind === 'subquery') throw badRequest('FROM needs a name: a subquery can only be joined.');
  return leftmostName(source.path) ?? refuseSource();
}

function refuseSource(): never {
  throw badRequest('FROM needs the name of a container or a path in it.');
}

function leftmostName(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  return expression.kind === 'member' ? leftmostName(expression.object) : undefined;
}

/**
 * Which names stand for a part of the document: the path of each, or undefined where it is no fixed one (elements of
 * arrays). Aliases of subqueries are missing: their values may be computed.
 */
function documentPaths(select: Select, rootName: string | undefined): Map<string, readonly string[] | undefined> {
  const paths = new Map<string, readonly string[] | undefined>();
  if (rootName === undefined || !select.from) return paths;
  paths.set(rootName, []);
  for (const source of [select.from, ...select.joins]) {
    if (source.kind === 'subquery') continue;
    const from = leftmostName(source.path);
    if (from === undefined || !paths.has(from)) continue;
    paths.set(source.alias, source.kind === 'path' ? pathOf(source.path, paths) : undefined);
  }
  return paths;
}

function pathOf(
  expression: Expression,
  paths: ReadonlyMap<string, readonly string[] | undefined>,
): readonly string[] | undefined {
  if (expression.kind === 'name') return paths.get(expression.name);
  if (expression.kind !== 'member' || expression.key.kind !== 'constant') return undefined;
  const { value } = expression.key;
  const outer = pathOf(expression.object, paths);
  return outer && typeof value === 'string' ? [...outer, value] : undefined;
}

function requirePath(
  expression: Expression,
  paths: ReadonlyMap<string, readonly string[] | undefined>,
): readonly string[] {
  const path = pathOf(expression, paths);
  if (path && path.length > 0) return path;
  throw badRequest('Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path.');
}

/**
 * Texts that must stand in a document's JSON for the condition to hold: of `path = 'text'` and
 * `ARRAY_CONTAINS(path, 'text')` among the conditions joined by AND. Lets the storage pass over documents unparsed.
 */
function requiredTexts(condition: Expression | undefined, names: ReadonlySet<string>, context: QueryContext): string[] {
  if (!condition) return [];
  if (condition.kind === 'and') {
    return [condition.left, condition.right].flatMap((part) => requiredTexts(part, names, context));
  }
  const [left, right] = operandsOfEquality(condition);
  if (!left || !right) return [];
  const isStored = (expression: Expression): boolean => names.has(leftmostName(expression) ?? '');
  const wanted = isStored(left) ? right : isStored(right) && condition.kind === 'compare' ? left : undefined;
  const value = wanted && constantOf(wanted, context);
  return typeof value === 'string' ? [JSON.stringify(value)] : [];
}

function operandsOfEquality(condition: Expression): [Expression?, Expression?] {
  if (condition.kind === 'compare' && condition.operator === '=') return [condition.left, condition.right];
  if (condition.kind === 'call' && condition.name === 'ARRAY_CONTAINS' && condition.args.length === 2) {
    return [condition.args[0], condition.args[1]];
  }
  return [];
}

function constantOf(expression: Expression, context: QueryContext) {
  if (expression.kind === 'constant') return expression.value;
  return expression.kind === 'parameter' ? context.parameters.get(expression.name) : undefined;
}

function isWholeDocument(select: Select, rootName: string | undefined): boolean {
  if (select.from?.kind !== 'path' || select.from.path.kind !== 'name') return false;
  const { projection } = select;
  if (projection.kind === 'star') return true;
  return (
    projection.kind === 'value' &&
    projection.expression.kind === 'name' &&
    [rootName, select.from.alias].includes(projection.expression.name)
  );
}
