import type { IncomingMessage, ServerResponse } from 'node:http';

/** A refusal: status and body as the service would give them. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, message: string, body: unknown) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

/** As the managed identity endpoint of App Service refuses. */
export const identityRefusal = (status: number, message: string): Refusal =>
  new Refusal(status, message, { statusCode: status, message, correlationId: null });

/** As the tenant's token endpoint refuses (RFC 6749 section 5.2, with Entra's own codes). */
export function oauthRefusal(status: number, error: string, code: number, message: string): Refusal {
  const description = `AADSTS${code}: ${message}`;
  return new Refusal(status, description, { error, error_description: description, error_codes: [code] });
}

/** For what is not offered at all: says so, and what is. */
export const notOffered = (what: string): Refusal =>
  described(501, 'not_implemented', `${what} is not offered by the local identity; see local/identity/README.md`);

export const notFound = (path: string): Refusal => described(404, 'not_found', `${path} is not found.`);

const described = (status: number, error: string, description: string): Refusal =>
  new Refusal(status, description, { error, error_description: description });

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

const MAX_BODY_LENGTH = 64 * 1024;

/** @throws Refusal 413 for a body that no honest caller sends. */
export async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MAX_BODY_LENGTH) throw new Refusal(413, 'The body is too large.', { error: 'invalid_request' });
  }
  return text;
}
