import type { ServerResponse } from 'node:http';
import type { Refusal } from '../refusals.ts';

/** What an operation answers: a JSON object, or bytes with their type. */
export interface Answer {
  /** 200 when absent. */
  status?: number;
  body: object | Uint8Array;
  headers?: Readonly<Record<string, string>>;
}

const REGION = 'Local Simulator';

/** The headers that Azure puts on everything. On the Responses API the token figures say nothing: it sends -1 and 0. */
export function commonHeaders({
  startedAt,
  requestId,
}: {
  startedAt: number;
  requestId: string;
}): Record<string, string> {
  return {
    'x-request-id': requestId,
    'apim-request-id': requestId,
    'x-ms-region': REGION,
    'openai-processing-ms': String(Math.max(0, Math.round(performance.now() - startedAt))),
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-remaining-requests': '9999',
    'x-ratelimit-limit-tokens': '-1',
    'x-ratelimit-remaining-tokens': '-1',
    'x-ratelimit-reset-tokens': '0',
    'x-content-type-options': 'nosniff',
  };
}

export function send(response: ServerResponse, answer: Answer, common: Readonly<Record<string, string>>): void {
  // Text goes out in one piece with the headers, which bytes do not.
  const body = answer.body instanceof Uint8Array ? answer.body : JSON.stringify(answer.body);
  response.writeHead(answer.status ?? 200, {
    ...common,
    'content-type': typeof body === 'string' ? 'application/json' : 'application/octet-stream',
    'content-length': Buffer.byteLength(body),
    ...answer.headers,
  });
  response.end(body);
}

export function asAnswer({ status, body, headers }: Refusal): Answer {
  return { status, body: { error: body }, headers };
}
