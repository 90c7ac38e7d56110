import { GatewayError } from '../errors.ts';
import { PAGE_DEFAULT, PAGE_LIMIT } from '../platform/limits.ts';
import type { JsonObject } from '../upstream/wire.ts';

/** The API's paging: `limit`, `order`, `after`, `before`. */
export interface PageRequest {
  limit: number;
  order: 'asc' | 'desc';
  after?: string;
  before?: string;
}

export interface PageBounds {
  default: number;
  most: number;
}

/** @throws `invalid_value` naming the parameter. */
export function readPage(url: URL, bounds: PageBounds = { default: PAGE_DEFAULT, most: PAGE_LIMIT }): PageRequest {
  const limit = Number(url.searchParams.get('limit') ?? bounds.default);
  if (!Number.isInteger(limit) || limit < 1 || limit > bounds.most) {
    throw new GatewayError('invalid_value', `'limit' must be a whole number from 1 to ${bounds.most}.`, {
      param: 'limit',
    });
  }
  const order = url.searchParams.get('order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') {
    throw new GatewayError('invalid_value', "'order' must be asc or desc.", { param: 'order' });
  }
  return {
    limit,
    order,
    after: url.searchParams.get('after') ?? undefined,
    before: url.searchParams.get('before') ?? undefined,
  };
}

/** The API's list object. */
export interface Page<T extends JsonObject> extends JsonObject {
  data: readonly T[];
}

/** One page of a list that is in memory, oldest first: the API's list object. An unknown cursor is an error, not an empty page. */
export function pageOf<T extends JsonObject>(items: readonly T[], page: PageRequest): Page<T> {
  const ordered = page.order === 'asc' ? items : items.toReversed();
  const from = page.after === undefined ? 0 : indexOf(ordered, page.after, 'after') + 1;
  const to = page.before === undefined ? ordered.length : indexOf(ordered, page.before, 'before');
  // `before` alone asks for the page that ends there.
  const start = page.before !== undefined && page.after === undefined ? Math.max(from, to - page.limit) : from;
  const data = ordered.slice(start, Math.min(to, start + page.limit));
  const more = page.before !== undefined && page.after === undefined ? start > from : start + data.length < to;
  return listOf(data, more);
}

export const listOf = <T extends JsonObject>(data: readonly T[], hasMore: boolean): Page<T> => ({
  object: 'list',
  data,
  first_id: data[0]?.id ?? null,
  last_id: data.at(-1)?.id ?? null,
  has_more: hasMore,
});

function indexOf(items: readonly JsonObject[], id: string, param: string): number {
  const index = items.findIndex((item) => item.id === id);
  if (index < 0) throw new GatewayError('invalid_value', `'${param}' names no entry of this list.`, { param });
  return index;
}
