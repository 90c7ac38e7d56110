import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { GatewayError, notFound } from '../errors.ts';
import { isBlobBusy } from '../platform/blobs.ts';
import { isStoreBusy } from '../platform/cosmos.ts';
import { newRequestId, newTraceparent } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import { readParams, type Call } from './call.ts';
import type { Identify } from './caller.ts';
import { json, renderError } from './render.ts';

export interface AnswerDeps {
  identify: Identify;
  log: Log;
  publicBaseUrl?: string;
}

export type Handle = (call: Call) => Promise<HttpResponseInit>;
export type HttpHandler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/** A caller's own request id is kept when it is harmless to log. */
const REQUEST_ID = /^[A-Za-z0-9_.:-]{1,128}$/;
/** W3C trace context, version 00; ids of nothing but zeros are none. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * The one wrapper around every door: identifies the caller, runs the operation, turns whatever it throws into the API's
 * error body. It never throws: in stream mode a handler that does never answers at all (azure-functions-nodejs-library issue 324).
 */
export function answer(deps: AnswerDeps, operation: string, route: string, handle: Handle): HttpHandler {
  return async (request, context) => {
    const startedAt = performance.now();
    const requestId = requestIdOf(request);
    let result: HttpResponseInit;
    let failure: GatewayError | undefined;
    try {
      result = await run(deps, route, { request, context, requestId }, handle);
    } catch (error) {
      failure = toGatewayError(error);
      if (failure.kind === 'internal' || failure.kind === 'store_unavailable')
        deps.log.failed({ requestId, operation, error });
      result = renderError(failure);
    }
    deps.log.answered({
      requestId,
      operation,
      status: result.status ?? 200,
      milliseconds: Math.round((performance.now() - startedAt) * 10) / 10,
      error: failure?.kind,
    });
    return named(result, requestId);
  };
}

/** The wrapper of the few doors that ask nobody who they are, and give everybody the same. */
export const answerAll =
  (result: HttpResponseInit): HttpHandler =>
  (request) =>
    Promise.resolve(named(result, requestIdOf(request)));

const named = (result: HttpResponseInit, requestId: string): HttpResponseInit => ({
  ...result,
  headers: { ...headersOf(result), 'x-request-id': requestId },
});

async function run(
  deps: AnswerDeps,
  route: string,
  arrived: Pick<Call, 'request' | 'context' | 'requestId'>,
  handle: Handle,
): Promise<HttpResponseInit> {
  const { request, context } = arrived;
  const owner = await deps.identify(request.headers);
  const url = new URL(request.url);
  const params = readParams(route, url.pathname);
  if (params === undefined) throw notFound('Resource', '(not a valid path)');
  return handle({
    ...arrived,
    owner,
    traceparent: traceparentOf(request, context),
    url,
    params,
    base: deps.publicBaseUrl ?? url.origin,
  });
}

const requestIdOf = (request: HttpRequest): string => {
  const given = request.headers.get('x-request-id') ?? request.headers.get('x-ms-client-request-id') ?? '';
  return REQUEST_ID.test(given) ? given : newRequestId();
};

/** The caller's trace; the host's own when there is none, so that lines and requests meet in Application Insights. */
function traceparentOf(request: HttpRequest, { traceContext }: InvocationContext): string {
  const given = [request.headers.get('traceparent'), traceContext?.traceParent];
  return given.find((text) => text != null && TRACEPARENT.test(text)) ?? newTraceparent();
}

/** Anything thrown becomes an answer; callers never see an internal message. */
function toGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (isStoreBusy(error) || isBlobBusy(error)) {
    return new GatewayError('store_unavailable', 'The store is busy. Try again.', {
      retryAfterSeconds: 2,
      cause: error,
    });
  }
  return new GatewayError(
    'internal',
    'The gateway failed to answer. Try again; if it persists, report the request id.',
    {
      cause: error,
    },
  );
}

function headersOf(result: HttpResponseInit): Record<string, string> {
  return Object.fromEntries(new Headers(result.headers as ConstructorParameters<typeof Headers>[0]).entries());
}

export const ok = (body: unknown, headers: Record<string, string> = {}): HttpResponseInit => json(200, body, headers);
