import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { codeOf, type CosmosError } from '../errors.ts';

export interface Answer {
  status: number;
  /** JSON text; none with 204 and 304. */
  body?: string | undefined;
  headers?: Record<string, string | undefined>;
  /** Request units. */
  charge?: number;
}

export const json = (status: number, body: unknown, headers: Answer['headers'] = {}): Answer => ({
  status,
  body: JSON.stringify(body),
  headers,
});

/** The body of a list, as the service wraps it. */
export function listBody(rid: string, name: string, rows: readonly string[]): string {
  return `{"_rid":${JSON.stringify(rid)},"${name}":[${rows.join(',')}],"_count":${rows.length}}`;
}

export function errorAnswer(error: CosmosError, activity: string): Answer {
  return {
    status: error.status,
    body: JSON.stringify({
      code: error.code,
      message: `${error.message}\r\nActivityId: ${activity}`,
      additionalErrorInfo: error.information,
    }),
    headers: { 'x-ms-substatus': error.substatus?.toString() },
  };
}

/** The answer to an error that nobody foresaw: a defect of the stand-in, said on stderr and to the caller. */
export function defectAnswer(error: unknown, activity: string): Answer {
  console.error('Cosmos DB stand-in: unexpected error', error);
  const message = `The stand-in failed: ${error instanceof Error ? error.message : 'unknown error'} (${activity})`;
  return json(500, { code: codeOf(500), message });
}

/** A cheap operation's price, where no better one is known. */
const DEFAULT_CHARGE = 1;

export function sendAnswer(response: ServerResponse, answer: Answer, activity: string): void {
  const { status, body, headers = {}, charge = DEFAULT_CHARGE } = answer;
  response.statusCode = status;
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) response.setHeader(name, value);
  }
  response.setHeader('x-ms-request-charge', charge.toFixed(2));
  response.setHeader('x-ms-activity-id', activity);
  response.setHeader('x-ms-version', '2020-07-15');
  if (body === undefined || status === 204 || status === 304) {
    response.end();
    return;
  }
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}

export const newActivity = (): string => randomUUID();
