import type { IncomingMessage } from 'node:http';

/** Header names in lower case; several values of one name joined, as the real host does. */
export function joinHeaders(request: IncomingMessage): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return joined;
}

/** Query values by name; several of one name joined with commas, as the real host does. */
export function joinQuery(query: URLSearchParams): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of query) {
    const before = Object.hasOwn(joined, name) ? joined[name] : undefined;
    joined[name] = before === undefined ? value : `${before},${value}`;
  }
  return joined;
}

/** The default of the real host's `FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`. */
const MAX_BODY_BYTES = 104_857_600;

/** The request's body is longer than the host takes. */
export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge';
}

/** The caller has gone before its request was complete: there is nobody to answer. */
export class CallerGone extends Error {
  override name = 'CallerGone';
}

/**
 * Reads a whole body.
 * @throws BodyTooLarge past `limitBytes`; CallerGone
 */
export async function readBody(request: IncomingMessage, limitBytes = MAX_BODY_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      size += bytes.length;
      if (size > limitBytes) throw new BodyTooLarge(`The request body is longer than ${limitBytes} bytes.`);
      chunks.push(bytes);
    }
  } catch (error) {
    if (error instanceof BodyTooLarge) throw error;
    throw new CallerGone('The caller went away in the middle of its request.', { cause: error });
  }
  return Buffer.concat(chunks, size);
}

/** Answers with nothing but a status. */
export const EMPTY = { 'content-length': '0' } as const;
