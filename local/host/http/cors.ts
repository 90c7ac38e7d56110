import type { IncomingMessage, ServerResponse } from 'node:http';
import { EMPTY } from './request-parts.ts';

export interface CorsRules {
  /** Allowed origins; `*` for all. Empty turns CORS off. */
  readonly origins: ReadonlySet<string>;
  readonly credentials: boolean;
}

/** Reads `Host.CORS` of local.settings.json: origins, separated by commas. */
export function corsRules(origins: string, credentials: boolean): CorsRules {
  const listed = origins.split(',').map((origin) => origin.trim().replace(/\/$/, ''));
  return { origins: new Set(listed.filter((origin) => origin !== '')), credentials };
}

/**
 * Adds the headers that a browser asks for.
 * @returns true when this was a preflight request, which is answered with it
 */
export function applyCors(rules: CorsRules, request: IncomingMessage, response: ServerResponse): boolean {
  const origin = request.headers.origin;
  const isOpen = rules.origins.has('*');
  if (origin === undefined || !(isOpen || rules.origins.has(origin))) return false;
  const toAll = isOpen && !rules.credentials;
  response.setHeader('access-control-allow-origin', toAll ? '*' : origin);
  if (!toAll) response.setHeader('vary', 'Origin');
  if (rules.credentials) response.setHeader('access-control-allow-credentials', 'true');
  return request.method === 'OPTIONS' && answerPreflight(request, response);
}

function answerPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  const method = request.headers['access-control-request-method'];
  if (method === undefined) return false;
  response.setHeader('access-control-allow-methods', method);
  const headers = request.headers['access-control-request-headers'];
  if (headers !== undefined) response.setHeader('access-control-allow-headers', headers);
  response.writeHead(204, EMPTY).end();
  return true;
}
