import { PAGE_DEFAULT, PAGE_MAX } from '../limits.ts';
import { invalid } from '../refusals.ts';

export interface Paging {
  limit: number;
  order: 'asc' | 'desc';
  after?: string;
  before?: string;
}

/** `limit`, `order`, `after` and `before` of a list request. @throws Refusal 400 when one of them is malformed. */
export function paging(query: URLSearchParams, most = PAGE_MAX, usual = PAGE_DEFAULT): Paging {
  const order = query.get('order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') {
    throw invalid(`Invalid value: '${order}'. Supported values are: 'asc' and 'desc'.`, 'order', 'invalid_value');
  }
  return {
    limit: limitOf(query.get('limit') ?? String(usual), most),
    order,
    after: query.get('after') ?? undefined,
    before: query.get('before') ?? undefined,
  };
}

function limitOf(text: string, most: number): number {
  const limit = Number(text);
  if (!Number.isInteger(limit)) {
    throw invalid(`Invalid type for 'limit': expected an integer, but got '${text}' instead.`, 'limit', 'invalid_type');
  }
  const bad = (side: string, sign: string, bound: number, code: string) =>
    invalid(
      `Invalid 'limit': integer ${side} value. Expected a value ${sign} ${bound}, but got ${limit} instead.`,
      'limit',
      code,
    );
  if (limit < 1) throw bad('below minimum', '>=', 1, 'integer_below_min_value');
  if (limit > most) throw bad('above maximum', '<=', most, 'integer_above_max_value');
  return limit;
}

export interface Page<T> {
  object: 'list';
  data: T[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}

/** One page of what is given oldest first. An `after` or `before` that is not in the list is ignored. */
export function pageOf<T extends { id: string }>(oldestFirst: readonly T[], asked: Paging): Page<T> {
  const all = asked.order === 'asc' ? [...oldestFirst] : oldestFirst.toReversed();
  const start = asked.after === undefined ? 0 : all.findIndex(({ id }) => id === asked.after) + 1;
  const found = asked.before === undefined ? -1 : all.findIndex(({ id }) => id === asked.before);
  const window = all.slice(start, found === -1 ? all.length : found);
  const data = window.slice(0, asked.limit);
  return asPage(data, window.length > data.length);
}

export function asPage<T extends { id: string }>(data: T[], more: boolean): Page<T> {
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: more };
}

/** `include[]=a`, `include=a` and repetitions of both. */
export const included = (query: URLSearchParams): string[] => [
  ...query.getAll('include[]'),
  ...query.getAll('include'),
];

/** A boolean of the query. @throws Refusal 400 for anything but `true` and `false`. */
export function flag(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw invalid(`Invalid type for '${name}': expected a boolean, but got '${value}' instead.`, name, 'invalid_type');
}
