import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { GatewayError } from '../errors.ts';
import { hasCode, isCausedBy } from '../platform/causes.ts';
import { RETRY_AFTER_LIMIT_SECONDS } from '../platform/limits.ts';
import { rateLimitsOf } from './rate-limits.ts';
import { serviceError, type ServiceErrorBody } from './wire.ts';

/** Seconds to wait when the service throttles without saying for how long (it often does: openai-dotnet issue 838). */
const DEFAULT_RETRY_AFTER_SECONDS = 10;

/**
 * Whether the service may have done the work although no answer arrived.
 * - `refused`: it said no, or was never reached: asking again costs nothing.
 * - `ambiguous`: the request went out and the answer was lost: asking again may pay twice.
 */
export type Certainty = 'refused' | 'ambiguous';

/** A failed call to Azure OpenAI, already in the words of the gateway's callers. */
export class ServiceError extends GatewayError {
  readonly certainty: Certainty;
  /** Status of the service's answer; undefined when there was none. */
  readonly serviceStatus: number | undefined;
  readonly serviceCode: string | null;

  constructor(
    error: GatewayError,
    facts: { certainty: Certainty; serviceStatus?: number; serviceCode?: string | null },
  ) {
    super(error.kind, error.message, error.detail);
    this.certainty = facts.certainty;
    this.serviceStatus = facts.serviceStatus;
    this.serviceCode = facts.serviceCode ?? null;
  }

  /** The service no longer knows (or never knew) the parent that was named. */
  get lostParent(): boolean {
    return this.serviceCode === 'previous_response_not_found';
  }

  /** Throttled, overloaded or unreachable: the same request may succeed later. */
  get passing(): boolean {
    return this.kind === 'rate_limited' || this.kind === 'service_unavailable';
  }
}

/** How long the service wants not to be asked again; 0 when it does not say. */
export const advisedMs = (error: unknown): number =>
  error instanceof ServiceError ? (error.detail.retryAfterSeconds ?? 0) * 1000 : 0;

/** Connection errors that happen before a request can have been read. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The SDK's error for an answer that was no success. */
type RefusedAnswer = APIError & { status: number };
const isAnswer = (error: unknown): error is RefusedAnswer =>
  error instanceof APIError && typeof error.status === 'number';

/** The identity gave no token, so the service was never asked. The SDK hides it under an error of its own. */
export class NoToken extends Error {
  override readonly name = 'NoToken';
}

/** Turns whatever the SDK threw into a {@link ServiceError}. What is no SDK error is returned as it is. */
export function toServiceError(error: unknown, operation: string): unknown {
  if (isCausedBy(error, (cause) => cause instanceof NoToken)) return notAsked(error);
  if (error instanceof APIUserAbortError || error instanceof APIConnectionTimeoutError) return tookTooLong(error);
  if (error instanceof APIConnectionError) return unreachable(error);
  if (isAnswer(error)) return refused(error, error.status, operation);
  return error;
}

function notAsked(cause: unknown): ServiceError {
  return new ServiceError(
    new GatewayError(
      'service_unavailable',
      "The gateway's identity gets no token for Azure OpenAI right now. Try again shortly. On your own machine, sign in first: az login.",
      { retryAfterSeconds: DEFAULT_RETRY_AFTER_SECONDS, cause },
    ),
    { certainty: 'refused' },
  );
}

function tookTooLong(cause: Error): ServiceError {
  return new ServiceError(
    new GatewayError(
      'took_too_long',
      'The model did not answer in time. Ask with "stream": true, or with "background": true and poll; the request may already have been charged.',
      { cause },
    ),
    { certainty: 'ambiguous' },
  );
}

function unreachable(error: APIConnectionError): ServiceError {
  return isCausedBy(error, (cause) => hasCode(cause, NEVER_SENT))
    ? new ServiceError(
        new GatewayError('service_unavailable', 'Azure OpenAI cannot be reached right now. Try again shortly.', {
          retryAfterSeconds: DEFAULT_RETRY_AFTER_SECONDS,
          cause: error,
        }),
        { certainty: 'refused' },
      )
    : new ServiceError(
        new GatewayError('service_failed', 'The connection to Azure OpenAI broke before it answered.', {
          cause: error,
        }),
        { certainty: 'ambiguous' },
      );
}

function refused(error: APIError, status: number, operation: string): ServiceError {
  const parsed = serviceError.safeParse(error.error);
  const body: ServiceErrorBody = parsed.success ? parsed.data : {};
  const facts = {
    // A 5xx may come after the work was done, and so may a 408; every other 4xx is a refusal.
    certainty: status === 408 || (status >= 500 && status !== 503) ? ('ambiguous' as const) : ('refused' as const),
    serviceStatus: status,
    serviceCode: body.code ?? null,
  };
  return new ServiceError(describe(error, status, body, operation), facts);
}

function describe(cause: APIError, status: number, body: ServiceErrorBody, operation: string): GatewayError {
  const retryAfterSeconds = retryAfter(cause.headers);
  const headers = rateLimitsOf(cause.headers);
  if (status === 401 || status === 403) {
    return new GatewayError(
      'gateway_not_authorized',
      `Azure OpenAI does not let this gateway's identity do '${operation}' (it answered ${status}). ` +
        'Give the identity the role "Cognitive Services OpenAI User" on the resource, and for files and containers the custom role of docs/deploy.md.',
      { cause },
    );
  }
  if (status === 429 && body.code === 'insufficient_quota') {
    const message =
      body.message ?? 'The quota of the Azure OpenAI resource is used up. Ask for more, or wait for the next period.';
    return new GatewayError('quota_exhausted', message, { headers, cause });
  }
  if (status === 429) {
    return new GatewayError('rate_limited', body.message ?? 'Azure OpenAI is throttling. Wait and try again.', {
      retryAfterSeconds,
      headers,
      cause,
    });
  }
  if (status === 503) {
    return new GatewayError('service_unavailable', 'Azure OpenAI is overloaded right now. Wait and try again.', {
      retryAfterSeconds,
      cause,
    });
  }
  if (status === 408 || status >= 500)
    return new GatewayError('service_failed', `Azure OpenAI failed with status ${status}.`, { cause });
  return refusal(cause, status, body);
}

/** The caller's own mistake, in the service's words: they name the field. */
function refusal(cause: APIError, status: number, body: ServiceErrorBody): GatewayError {
  const message = body.message ?? `Azure OpenAI refused the request with status ${status}.`;
  const service = { status, type: body.type, code: body.code };
  if (body.code === 'content_filter') {
    // What was found, and how bad it is, stands in keys of Azure's own (`innererror`, `content_filters` ...).
    const { message: _message, type: _type, param: _param, code: _code, ...extra } = body;
    return new GatewayError('content_filter', message, { param: body.param, extra, service, cause });
  }
  if (body.code === 'DeploymentNotFound') {
    const hint = `${message} 'model' is the name of a deployment of the Azure OpenAI resource.`;
    return new GatewayError('deployment_not_found', hint, { param: body.param ?? 'model', service, cause });
  }
  return new GatewayError('refused_by_service', message, { param: body.param, service, cause });
}

/** Seconds to wait as the service says (`retry-after-ms`, `retry-after` in seconds or as a date), within what SDKs obey. */
function retryAfter(headers: Headers | undefined): number {
  const milliseconds = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return clampSeconds(milliseconds / 1000);
  const text = headers?.get('retry-after') ?? '';
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? clampSeconds(seconds) : DEFAULT_RETRY_AFTER_SECONDS;
}

const clampSeconds = (seconds: number): number => Math.min(Math.max(Math.ceil(seconds), 1), RETRY_AFTER_LIMIT_SECONDS);
