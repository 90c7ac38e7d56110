import type { IncomingMessage } from 'node:http';
import { badRequest, CosmosError } from '../errors.ts';
import { isObject, type JsonObject } from '../json.ts';
import { MAX_BODY_BYTES } from '../limits.ts';

/** A request as the operations read it. */
export interface CosmosRequest {
  method: string;
  /** The path's parts, decoded: `dbs`, id, `colls`, id, `docs`, id. */
  segments: readonly string[];
  search: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** The body as it came; empty without one. */
  text: string;
  /** The address that the caller used: `https://127.0.0.1:8081`. */
  origin: string;
}

/** Reads a request to its end. @throws CosmosError 400 for a broken path, 413 for a body beyond every limit. */
export async function readRequest(incoming: IncomingMessage): Promise<CosmosRequest> {
  const { method = 'GET', headers, url = '/' } = incoming;
  const [path = '', query = ''] = url.split('?', 2);
  const scheme = 'encrypted' in incoming.socket ? 'https' : 'http';
  return {
    method,
    segments: decodeSegments(path),
    search: new URLSearchParams(query),
    headers,
    text: method === 'GET' || method === 'DELETE' ? '' : await readBody(incoming),
    origin: `${scheme}://${headers.host ?? 'localhost'}`,
  };
}

function decodeSegments(path: string): string[] {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch (error) {
    throw new CosmosError(400, `The path is not encoded well: ${error instanceof Error ? error.message : ''}`);
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Read on to the end, so that the answer reaches a caller who is still sending.
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) throw new CosmosError(413, 'Request size is too large');
  return Buffer.concat(chunks).toString();
}

/** One header; repeated ones are joined by Node. */
export function header(request: CosmosRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

export const isTrue = (request: CosmosRequest, name: string): boolean =>
  header(request, name)?.toLowerCase() === 'true';

/** The body as JSON. @throws CosmosError 400 when it is none. */
export function jsonBody(request: CosmosRequest): unknown {
  try {
    const body: unknown = JSON.parse(request.text);
    return body;
  } catch {
    throw badRequest('The request body is not valid JSON.');
  }
}

/** The body as a JSON object. @throws CosmosError 400 when it is none. */
export function objectBody(request: CosmosRequest): JsonObject {
  const body = jsonBody(request);
  if (!isObject(body)) throw badRequest('The request body is no JSON object.');
  return body;
}
