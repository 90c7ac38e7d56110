import { badRequest } from '../errors.ts';
import { isObject, property, type JsonObject } from '../json.ts';
import type { SortTerm } from '../store/order-indexes.ts';
import { parsePath } from '../documents/paths.ts';
import type { OrderPath } from './plan.ts';

/**
 * Checks an ORDER BY against a container's indexing policy, as Azure does ("Indexing policies in Azure Cosmos DB").
 * @throws CosmosError 400 for an excluded path, or several paths without a matching composite index.
 */
export function checkOrder(order: readonly OrderPath[], policy: JsonObject): SortTerm[] {
  if (order.length > 1) requireCompositeIndex(order, policy);
  return order.map(({ path, descending }) => {
    if (order.length === 1 && !isIncluded(path, policy)) {
      throw badRequest('The index path corresponding to the specified order-by item is excluded.');
    }
    return { path, descending, includeUndefined: isNamed(path, policy) };
  });
}

function requireCompositeIndex(order: readonly OrderPath[], policy: JsonObject): void {
  const indexes = property(policy, 'compositeIndexes');
  const found = (Array.isArray(indexes) ? indexes : []).some((index) => {
    if (!Array.isArray(index) || index.length !== order.length) return false;
    const same = order.map(({ path, descending }, i) => matchOfPart(index[i], path, descending));
    return same.every((match) => match === 'same') || same.every((match) => match === 'opposite');
  });
  if (!found) {
    throw badRequest('The order by query does not have a corresponding composite index that it can be served from.');
  }
}

/** A composite index serves its own directions, or all of them turned around. */
function matchOfPart(part: unknown, path: readonly string[], descending: boolean): 'same' | 'opposite' | 'none' {
  if (!isObject(part) || parsePath(part.path).join('/') !== path.join('/')) return 'none';
  return (part.order === 'descending') === descending ? 'same' : 'opposite';
}

/** The most precise of the included and excluded paths decides; the service indexes `id` and `_ts` in any case. */
function isIncluded(path: readonly string[], policy: JsonObject): boolean {
  if (path.length === 1 && (path[0] === 'id' || path[0] === '_ts')) return true;
  if (property(policy, 'indexingMode') === 'none') return false;
  return precision(path, pathsOf(policy, 'includedPaths')) > precision(path, pathsOf(policy, 'excludedPaths'));
}

/** Documents without a property come in an ORDER BY only where its very path is included ("ORDER BY clause"). */
function isNamed(path: readonly string[], policy: JsonObject): boolean {
  return pathsOf(policy, 'includedPaths').some(
    ({ names, wildcard }) => !wildcard && names.join('/') === path.join('/'),
  );
}

interface PolicyPath {
  names: string[];
  /** `/*`: everything below; otherwise `/?`: exactly this value. */
  wildcard: boolean;
}

function pathsOf(policy: JsonObject, field: 'includedPaths' | 'excludedPaths'): PolicyPath[] {
  const list = property(policy, field);
  return (Array.isArray(list) ? list : []).flatMap((entry) => {
    const text = isObject(entry) ? property(entry, 'path') : undefined;
    return typeof text === 'string' ? [parsePolicyPath(text)] : [];
  });
}

function parsePolicyPath(text: string): PolicyPath {
  const body = text.replace(/\/[*?]$/, '');
  return { names: body === '' ? [] : parsePath(body), wildcard: !text.endsWith('/?') };
}

/** How closely one of these paths names the property: -1 when none does. */
function precision(path: readonly string[], candidates: readonly PolicyPath[]): number {
  const matches = candidates.map(({ names, wildcard }) => {
    if (!names.every((name, i) => name === path[i])) return -1;
    if (!wildcard) return names.length === path.length ? 2 * names.length + 1 : -1;
    return 2 * names.length;
  });
  return Math.max(-1, ...matches);
}
