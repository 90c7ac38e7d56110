import { randomUUID } from 'node:crypto';
import type { Server, ServerResponse } from 'node:http';
import type { TypedData } from '../core/types.ts';
import type { HttpCall, InvokeFunction } from './call.ts';
import { EMPTY, joinHeaders, joinQuery } from './request-parts.ts';

/**
 * Hands the request itself to the library's server, which reads it and writes the answer
 * (what `app.setup({ enableHttpStream: true })` asks for).
 */
export async function answerStreamed(call: HttpCall, server: Server, invoke: InvokeFunction): Promise<void> {
  const { fn, request, response, url, params } = call;
  const invocationId = randomUUID();
  const headers = joinHeaders(request);
  const query = joinQuery(url.searchParams);
  const triggerMetadata: Record<string, TypedData> = {
    Headers: { json: JSON.stringify(headers) },
    Query: { json: JSON.stringify(query) },
  };
  // The real host's binding data: query values show up in `request.params`, the last of several; route parameters win.
  for (const [name, value] of new Map(url.searchParams)) triggerMetadata[name] ??= { string: value };
  for (const [name, value] of Object.entries(params)) triggerMetadata[name] = { string: value };
  // The library pairs request and invocation by the first, and builds the address from the others.
  request.headers['x-ms-invocation-id'] = invocationId;
  request.headers['x-forwarded-host'] = request.headers.host ?? 'localhost';
  request.headers['x-forwarded-proto'] = 'http';
  server.emit('request', request, response);
  try {
    const inputs = { [fn.trigger.name]: { http: {} } };
    await invoke(fn, { inputs, triggerMetadata, invocationId, traceparent: headers.traceparent }, params);
    if (!response.writableEnded) endWith(response, 204);
  } catch (error) {
    if (!response.writableEnded) endWith(response, 500);
    throw error;
  }
}

/** Ends an answer that the library did not end. */
function endWith(response: ServerResponse, status: number): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, EMPTY).end();
}
