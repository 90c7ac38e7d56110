import type { HttpRequest, InvocationContext } from '@azure/functions';
import { GatewayError } from '../errors.ts';

/** One authenticated request, as the doors hand it on. */
export interface Call {
  request: HttpRequest;
  context: InvocationContext;
  owner: string;
  requestId: string;
  /** W3C trace context: passed on to the service and noted in the log. */
  traceparent: string;
  url: URL;
  /** Path parameters, read from the address: numeric-looking ones arrive undefined in `request.params` on some hosts. */
  params: Readonly<Record<string, string>>;
  /** Address under which callers reach this gateway, without a trailing slash. */
  base: string;
}

/** The parameters of a route like `openai/v1/responses/{id}`, decoded; undefined when the path is not of that form. */
export function readParams(route: string, pathname: string): Record<string, string> | undefined {
  const pattern = route.split('/');
  const path = pathname.replace(/^\/+|\/+$/g, '').split('/');
  const params: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    const name = /^\{\*?([A-Za-z]+)\??\}$/.exec(segment)?.[1];
    if (name === undefined) continue;
    const raw = segment.startsWith('{*') ? path.slice(index).join('/') : path[index];
    const value = decode(raw ?? '');
    // Dots would climb in the addresses that are made of ids.
    if (value === undefined || value === '.' || value === '..') return undefined;
    params[name] = value;
  }
  return params;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone `%` is no id of ours: the caller gets the same answer as for any unknown id.
    return undefined;
  }
}

/** A query parameter; the SDKs send arrays as `name[]=`, others repeat `name=`. */
export const queryList = (url: URL, name: string): string[] => [
  ...url.searchParams.getAll(`${name}[]`),
  ...url.searchParams.getAll(name),
];

/**
 * A query parameter that is true or false, in the spellings of the languages: Python writes `True`.
 * @throws `invalid_value` for anything else, which must not pass for a no.
 */
export function queryFlag(url: URL, name: string, fallback = false): boolean {
  const text = url.searchParams.get(name)?.toLowerCase();
  if (text === undefined) return fallback;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new GatewayError('invalid_value', `'${name}' must be true or false.`, { param: name });
}
