import type { HttpRequest } from '@azure/functions';
import { GatewayError } from '../errors.ts';
import { BODY_LIMIT_BYTES } from '../platform/limits.ts';
import { isObject, type JsonObject } from '../upstream/wire.ts';
import { refuseCostly } from './json-cost.ts';

/**
 * The body as a JSON object.
 * @throws `invalid_json` for what is no JSON object, nests too deeply or holds too much; `body_too_large`.
 */
export async function readJson(request: HttpRequest): Promise<JsonObject> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > BODY_LIMIT_BYTES) throw tooLarge();
  const bytes = request.body === null ? Buffer.alloc(0) : await readBytes(request.body);
  refuseCostly(bytes);
  const text = decode(bytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // The parser's message quotes the body.
    throw new GatewayError(
      'invalid_json',
      'The body is not valid JSON. Send a JSON object with Content-Type application/json.',
    );
  }
  if (!isObject(body)) throw new GatewayError('invalid_json', 'The body must be a JSON object.');
  return body;
}

/** JSON is UTF-8 (RFC 8259, 8.1). Other text would be given to the model with its letters replaced, and nobody told. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    // The bytes say nothing that the message does not.
    throw new GatewayError('invalid_json', 'The body is not UTF-8 text. Send JSON in UTF-8, not compressed.');
  }
}

/** Counts while it reads: a body without a length cannot fill the memory. */
async function readBytes(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes > BODY_LIMIT_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    // The caller has left: nobody reads this, and it is no failure of the gateway.
    throw new GatewayError('invalid_json', 'The body ended before it was complete.', { cause });
  }
  return Buffer.concat(chunks);
}

const tooLarge = (): GatewayError =>
  new GatewayError(
    'body_too_large',
    `The body is larger than ${BODY_LIMIT_BYTES / 1024 / 1024} MB. Upload large files to /openai/v1/files first.`,
  );
