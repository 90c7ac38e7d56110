import type { IncomingMessage } from 'node:http';
import { BODY_MAX_BYTES } from '../limits.ts';
import { invalid, Refusal } from '../refusals.ts';

const EMPTY = Buffer.alloc(0);

/** @throws Refusal 413 when the body is larger than the simulator takes. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    return Promise.resolve(EMPTY);
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= BODY_MAX_BYTES) chunks.push(chunk);
    });
    request.once('end', () => {
      if (bytes > BODY_MAX_BYTES) reject(tooLarge());
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
    request.once('error', reject);
  });
}

const tooLarge = (): Refusal =>
  new Refusal(413, {
    message: `The request body is larger than ${BODY_MAX_BYTES} bytes.`,
    type: 'invalid_request_error',
    param: null,
    code: 'request_too_large',
  });

/** @throws Refusal 400 when the body is no JSON. An empty body is an empty object. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw invalid(
      'We could not parse the JSON body of your request. The API expects a JSON payload, but what was sent is not valid JSON.',
      null,
    );
  }
}
