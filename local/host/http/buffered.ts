import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { HostLog } from '../core/types.ts';
import type { HttpCall, InvokeFunction } from './call.ts';
import { cookieSchema, serializeCookie } from './cookies.ts';
import { EMPTY, joinHeaders, joinQuery, readBody } from './request-parts.ts';

/** The answer of the library: always bytes, headers in lower case, cookies apart. */
const answer = z.object({
  statusCode: z.coerce.number().int().default(200),
  headers: z.record(z.string(), z.string()).default({}),
  cookies: z.array(cookieSchema).default([]),
  body: z.object({ bytes: z.instanceof(Uint8Array).optional(), string: z.string().optional() }).nullish(),
});

/** These describe the connection, which is the host's. */
const OWN_HEADERS = new Set(['transfer-encoding', 'connection', 'content-length']);
const BODYLESS = new Set([204, 205, 304]);

/** Reads the whole request, runs the function, writes the whole answer: the default mode of the library. */
export async function answerBuffered(call: HttpCall, invoke: InvokeFunction, log: HostLog): Promise<void> {
  const { fn, request, response, params } = call;
  const body = await readBody(request);
  if (body.length > 0 && request.headers['content-length'] === undefined) {
    log(
      'warning',
      `Function.${fn.name}`,
      'The request body came chunked. In Azure a buffered function would find it empty: turn HTTP streaming on, or send Content-Length.',
    );
  }
  const http = describeRequest(call, body);
  const { traceparent } = joinHeaders(request);
  const { returnValue } = await invoke(fn, { inputs: { [fn.trigger.name]: { http } }, traceparent }, params);
  if (returnValue?.http === undefined) response.writeHead(204, EMPTY).end();
  else writeAnswer(response, answer.parse(returnValue.http), request.method === 'HEAD');
}

/** The request as the library takes it: every value in an object of its own, the body as bytes. */
function describeRequest({ request, url, params }: HttpCall, body: Buffer): object {
  return {
    url: url.href,
    method: request.method,
    headers: {},
    query: {},
    params: {},
    nullableHeaders: nullable(joinHeaders(request)),
    nullableQuery: nullable(joinQuery(url.searchParams)),
    nullableParams: nullable(params),
    body: body.length > 0 ? { bytes: body } : undefined,
  };
}

function writeAnswer(response: ServerResponse, given: z.infer<typeof answer>, isHead: boolean): void {
  const { statusCode, headers, cookies, body } = given;
  for (const [name, value] of Object.entries(headers)) if (!OWN_HEADERS.has(name)) response.setHeader(name, value);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies.map(serializeCookie));
  const bytes = Buffer.from(body?.bytes ?? body?.string ?? '');
  response.statusCode = statusCode;
  if (!BODYLESS.has(statusCode)) response.setHeader('content-length', bytes.length);
  response.end(isHead ? undefined : bytes);
}

function nullable(values: Readonly<Record<string, string>>): Record<string, { value: string }> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}
