/**
 * Every error the gateway can answer with. `docs/errors.md` explains each to the person who meets it.
 *
 * - `status`, `type`, `code`: what the caller sees (`code` null where the API itself sends none).
 * - `fault`: whose it is. Decides the log level, and who should act.
 * - `retry`: `never` answers with `x-should-retry: false`, because the SDKs repeat 409 and 5xx on their own;
 *   `after` answers with `Retry-After`; `yes` leaves the SDK's own rule alone.
 */
interface ErrorKind {
  status: number;
  type: 'invalid_request_error' | 'authentication_error' | 'permission_error' | 'rate_limit_error' | 'server_error';
  code: string | null;
  fault: 'caller' | 'service' | 'gateway';
  retry: 'never' | 'after' | 'yes';
}

const kind = (
  status: number,
  type: ErrorKind['type'],
  code: string | null,
  fault: ErrorKind['fault'],
  retry: ErrorKind['retry'],
): ErrorKind => ({ status, type, code, fault, retry });

export const catalogue = {
  invalid_json: kind(400, 'invalid_request_error', 'invalid_json', 'caller', 'never'),
  invalid_value: kind(400, 'invalid_request_error', 'invalid_value', 'caller', 'never'),
  unsupported_parameter: kind(400, 'invalid_request_error', 'unsupported_parameter', 'caller', 'never'),
  unsupported_combination: kind(400, 'invalid_request_error', 'unsupported_combination', 'caller', 'never'),
  parent_not_found: kind(400, 'invalid_request_error', 'previous_response_not_found', 'caller', 'never'),
  parent_not_finished: kind(400, 'invalid_request_error', 'previous_response_not_finished', 'caller', 'never'),
  reference_not_found: kind(400, 'invalid_request_error', 'reference_not_found', 'caller', 'never'),
  not_background: kind(400, 'invalid_request_error', 'not_background', 'caller', 'never'),
  not_resumable: kind(400, 'invalid_request_error', 'not_resumable', 'caller', 'never'),
  content_filter: kind(400, 'invalid_request_error', 'content_filter', 'caller', 'never'),
  refused_by_service: kind(400, 'invalid_request_error', null, 'caller', 'never'),
  unauthenticated: kind(401, 'authentication_error', 'unauthenticated', 'caller', 'never'),
  forbidden: kind(403, 'permission_error', 'forbidden', 'caller', 'never'),
  not_found: kind(404, 'invalid_request_error', 'not_found', 'caller', 'never'),
  unknown_route: kind(404, 'invalid_request_error', 'unknown_route', 'caller', 'never'),
  deployment_not_found: kind(404, 'invalid_request_error', 'DeploymentNotFound', 'caller', 'never'),
  conflict: kind(409, 'invalid_request_error', 'conflict', 'caller', 'never'),
  idempotency_mismatch: kind(409, 'invalid_request_error', 'idempotency_key_reused', 'caller', 'never'),
  in_flight: kind(409, 'invalid_request_error', 'request_in_flight', 'caller', 'after'),
  body_too_large: kind(413, 'invalid_request_error', 'body_too_large', 'caller', 'never'),
  no_such_range: kind(416, 'invalid_request_error', 'no_such_range', 'caller', 'never'),
  upgrade_not_offered: kind(426, 'invalid_request_error', 'websocket_not_offered', 'caller', 'never'),
  rate_limited: kind(429, 'rate_limit_error', 'rate_limit_exceeded', 'service', 'after'),
  quota_exhausted: kind(429, 'rate_limit_error', 'insufficient_quota', 'service', 'never'),
  internal: kind(500, 'server_error', 'internal_error', 'gateway', 'yes'),
  service_failed: kind(502, 'server_error', 'service_failed', 'service', 'yes'),
  service_unintelligible: kind(502, 'server_error', 'service_unintelligible', 'service', 'never'),
  gateway_not_authorized: kind(502, 'server_error', 'gateway_not_authorized', 'gateway', 'never'),
  store_unavailable: kind(503, 'server_error', 'store_unavailable', 'gateway', 'after'),
  service_unavailable: kind(503, 'server_error', 'service_unavailable', 'service', 'after'),
  misconfigured: kind(503, 'server_error', 'misconfigured', 'gateway', 'never'),
  took_too_long: kind(504, 'server_error', 'took_too_long', 'service', 'never'),
} satisfies Record<string, ErrorKind>;

export type ErrorName = keyof typeof catalogue;

export interface ErrorDetail {
  /** The request field the message is about. */
  param?: string | null;
  /** Seconds to wait; only used by kinds that say `after`. */
  retryAfterSeconds?: number;
  /** More headers of the answer: the service's `x-ratelimit-*`, the size behind a range. */
  headers?: Readonly<Record<string, string>>;
  /** Status, type and code of the service, where its own words are the better answer (a refusal passed on). */
  service?: { status: number; type?: string | null; code?: string | null };
  /** Further keys of the service's error body that clients read (`innererror`). */
  extra?: Record<string, unknown>;
  cause?: unknown;
}

/** An error with an answer. The message is shown to the caller: say what is wrong and what to do, never content. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly kind: ErrorName;
  readonly detail: ErrorDetail;

  constructor(kind: ErrorName, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.kind = kind;
    this.detail = detail;
  }

  get status(): number {
    return this.detail.service?.status ?? catalogue[this.kind].status;
  }

  get retry(): ErrorKind['retry'] {
    return catalogue[this.kind].retry;
  }

  get fault(): ErrorKind['fault'] {
    return catalogue[this.kind].fault;
  }

  /** The `error` object of the API's error body. All four keys are always there. */
  toBody(): { message: string; type: string; param: string | null; code: string | null } {
    const { type, code } = catalogue[this.kind];
    const service = this.detail.service;
    return {
      message: this.message,
      // Azure sends `type: null` with a content filter refusal; the API's schema wants a string.
      type: service?.type ?? type,
      param: this.detail.param ?? null,
      code: service?.code ?? code,
      ...this.detail.extra,
    };
  }
}

/** 404 for an id that is unknown, foreign or deleted: nobody can tell which. */
export const notFound = (what: string, id: string): GatewayError =>
  new GatewayError('not_found', `${what} with id '${id}' not found.`, { param: 'id' });
