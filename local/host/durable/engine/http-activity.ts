import { z } from 'zod';
import type { DurableHttpRequest } from '../shim/http-request.ts';

/** What `callHttp` gives the orchestrator (azure-functions-durable-extension, DurableHttpResponse.cs). */
interface DurableHttpResponse {
  statusCode: number;
  headers: Record<string, string>;
  content: string;
}

/** HttpClient's own limit, which the real host does not change. */
const TIMEOUT_MS = 100_000;

/**
 * Makes the request of a `callHttp`. Any status is an answer.
 * @returns the response as JSON text
 * @throws Error when there is no answer, or no token for its `tokenSource`
 */
export async function callHttp(request: DurableHttpRequest): Promise<string> {
  const headers = new Headers(request.headers);
  if (/multipart/i.test(headers.get('content-type') ?? '')) {
    throw new Error('Multipart content is not supported with CallHttpAsync.');
  }
  if (request.content !== undefined && !headers.has('content-type')) headers.set('content-type', 'text/plain');
  if (request.tokenResource !== undefined) {
    headers.set('authorization', `Bearer ${await managedIdentityToken(request.tokenResource)}`);
  }
  let answer: Response;
  try {
    answer = await fetch(request.uri, {
      method: request.method,
      headers,
      body: request.content ?? null,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    throw new Error(`${request.method} ${withoutQuery(request.uri)} got no answer${cause}`, { cause: error });
  }
  const response: DurableHttpResponse = {
    statusCode: answer.status,
    headers: Object.fromEntries(answer.headers),
    content: await answer.text(),
  };
  return JSON.stringify(response);
}

const tokenAnswer = z.object({ access_token: z.string() });

/** App Service's identity endpoint, which the local world plays. */
async function managedIdentityToken(resource: string): Promise<string> {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: secret } = process.env;
  if (endpoint === undefined || secret === undefined) {
    throw new Error(
      'callHttp with a tokenSource needs a managed identity: set IDENTITY_ENDPOINT and IDENTITY_HEADER, or start the host with the local world.',
    );
  }
  const url = new URL(endpoint);
  url.searchParams.set('resource', resource);
  url.searchParams.set('api-version', '2019-08-01');
  const answer = await fetch(url, {
    headers: { 'x-identity-header': secret },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`The identity endpoint gave no token for ${resource}: ${answer.status}.`);
  return tokenAnswer.parse(await answer.json()).access_token;
}

/** A query may hold a key. */
function withoutQuery(uri: string): string {
  return uri.replace(/\?.*$/s, '');
}
