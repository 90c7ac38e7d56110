import type { HttpResponseInit } from '@azure/functions';
import { catalogue, type GatewayError } from '../errors.ts';

/** A JSON answer. */
export const json = (status: number, body: unknown, headers: Record<string, string> = {}): HttpResponseInit => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** The API's error body with the headers that tell SDKs whether to try again. */
export function renderError(error: GatewayError): HttpResponseInit {
  const headers: Record<string, string> = { ...error.detail.headers };
  const { retry } = catalogue[error.kind];
  if (retry === 'never') headers['x-should-retry'] = 'false';
  // Of every 401 (RFC 9110, 15.5.2): some clients ask with a token only then.
  if (error.status === 401) headers['www-authenticate'] = 'Bearer';
  if (retry === 'after' && error.detail.retryAfterSeconds !== undefined) {
    headers['retry-after'] = String(error.detail.retryAfterSeconds);
  }
  return json(error.status, { error: error.toBody() }, headers);
}
