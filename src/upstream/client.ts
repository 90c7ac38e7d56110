import OpenAI from 'openai';
import { GatewayError } from '../errors.ts';
import type { Config } from '../platform/config.ts';
import { SERVICE_CALL_LIMIT_MS } from '../platform/limits.ts';
import { NoToken, toServiceError } from './errors.ts';
import { rateLimitsOf, type RateLimits } from './rate-limits.ts';
import { isObject, serviceResponse, type JsonObject, type ServiceResponse } from './wire.ts';

export interface CallOptions {
  /** Milliseconds until the call is given up. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Image deployment for the `image_generation` tool. */
  imageDeployment?: string;
  /** W3C trace context, passed on so that one trace spans caller, gateway and service. */
  traceparent?: string;
  /** Instead of the call's own: 0 where the caller asks again by itself, because the SDK would wait here as long as it is told to. */
  retries?: number;
}

export interface ServiceAnswer<T> {
  body: T;
  /** The service's own request id, for its support. */
  requestId: string | null;
  /** Not there when the body was put together from a stream. */
  rateLimits?: RateLimits;
}

/** One call to Azure OpenAI. `path` begins behind `/openai/v1`. */
export interface ServiceCall {
  method: 'get' | 'post' | 'delete';
  path: string;
  operation: string;
  body?: unknown;
  query?: Record<string, unknown>;
  headers?: Record<string, string>;
  /** The SDK's own retries. Zero for everything that costs money when it is done twice. */
  retries: number;
}

/**
 * Azure OpenAI as the gateway uses it: raw JSON in and out, so that unknown fields pass, with the SDK's
 * connection handling, retries and typed errors underneath. Every failure is a `ServiceError`.
 */
export class ServiceClient {
  /** The address that made an id: ids and encrypted items of one resource mean nothing to another. */
  readonly endpoint: string;
  readonly #client: OpenAI;

  constructor(config: Config, token: () => Promise<string>) {
    this.endpoint = config.openai.endpoint;
    const key = config.openai.apiKey;
    this.#client = new OpenAI({
      baseURL: `${this.endpoint}/openai/v1`,
      apiKey: () =>
        token().catch((cause: unknown) => {
          throw new NoToken('The identity gave no token.', { cause });
        }),
      defaultHeaders: key === undefined ? undefined : { 'api-key': key },
      // Variables of the machine that mean something to the SDK must not reach Azure.
      organization: null,
      project: null,
      logLevel: 'off',
    });
  }

  /** The raw answer, its status already checked: for streams and files. */
  async send(call: ServiceCall, options: CallOptions = {}): Promise<Response> {
    const headers: Record<string, string | null> = { ...call.headers };
    if (options.imageDeployment !== undefined) {
      headers['x-ms-oai-image-generation-deployment'] = options.imageDeployment;
    }
    if (options.traceparent !== undefined) headers.traceparent = options.traceparent;
    try {
      return await this.#client
        [call.method](call.path, {
          body: call.body,
          query: call.query,
          headers,
          maxRetries: options.retries ?? call.retries,
          timeout: options.timeoutMs ?? SERVICE_CALL_LIMIT_MS,
          signal: options.signal,
        })
        .asResponse();
    } catch (error) {
      throw toServiceError(error, call.operation);
    }
  }

  /** The answer as a JSON object. */
  async json(call: ServiceCall, options: CallOptions = {}): Promise<ServiceAnswer<JsonObject>> {
    const answer = await this.send(call, options);
    const requestId = requestIdOf(answer);
    let body: unknown;
    try {
      body = await answer.json();
    } catch (cause) {
      throw unintelligible(call.operation, requestId, cause);
    }
    if (!isObject(body)) throw unintelligible(call.operation, requestId);
    return { body, requestId, rateLimits: rateLimitsOf(answer.headers) };
  }

  /** Asks for a response and waits for it. Never repeated: it is paid for. */
  createResponse(body: JsonObject, options: CallOptions): Promise<ServiceAnswer<ServiceResponse>> {
    return this.#response(
      { method: 'post', path: '/responses', operation: 'responses.create', body, retries: 0 },
      options,
    );
  }

  /** Asks for a streamed response; the body is the service's event stream. */
  streamResponse(body: JsonObject, options: CallOptions): Promise<Response> {
    const call: ServiceCall = { method: 'post', path: '/responses', operation: 'responses.create', body, retries: 0 };
    return this.send({ ...call, headers: { accept: 'text/event-stream' } }, options);
  }

  /** The events of a streamed background response behind this number; -1: all of them. */
  resumeResponse(id: string, after: number, options: CallOptions): Promise<Response> {
    const query = { stream: true, ...(after < 0 ? {} : { starting_after: after }) };
    const path = `/responses/${encodeURIComponent(id)}`;
    const call: ServiceCall = { method: 'get', path, operation: 'responses.retrieve', query, retries: 1 };
    return this.send({ ...call, headers: { accept: 'text/event-stream' } }, options);
  }

  retrieveResponse(
    id: string,
    query: Record<string, unknown> = {},
    options: CallOptions = {},
  ): Promise<ServiceAnswer<ServiceResponse>> {
    const path = `/responses/${encodeURIComponent(id)}`;
    return this.#response({ method: 'get', path, operation: 'responses.retrieve', query, retries: 1 }, options);
  }

  cancelResponse(id: string, options: CallOptions = {}): Promise<ServiceAnswer<ServiceResponse>> {
    const path = `/responses/${encodeURIComponent(id)}/cancel`;
    return this.#response({ method: 'post', path, operation: 'responses.cancel', retries: 1 }, options);
  }

  /** Deletes at the service; a response that is not there is as good as deleted. */
  deleteResponse(id: string): Promise<void> {
    const path = `/responses/${encodeURIComponent(id)}`;
    return this.deleteQuietly({ method: 'delete', path, operation: 'responses.delete', retries: 1 });
  }

  /** A delete whose 404 is a success. */
  async deleteQuietly(call: ServiceCall): Promise<void> {
    try {
      await this.send(call);
    } catch (error) {
      if (error instanceof GatewayError && error.status === 404) return;
      throw error;
    }
  }

  async #response(call: ServiceCall, options: CallOptions): Promise<ServiceAnswer<ServiceResponse>> {
    const answer = await this.json(call, options);
    const parsed = serviceResponse.safeParse(answer.body);
    if (!parsed.success) throw unintelligible(call.operation, answer.requestId);
    return { ...answer, body: parsed.data };
  }
}

export const requestIdOf = (answer: Response): string | null =>
  answer.headers.get('x-request-id') ?? answer.headers.get('apim-request-id');

const unintelligible = (operation: string, requestId: string | null, cause?: unknown): GatewayError =>
  new GatewayError(
    'service_unintelligible',
    `Azure OpenAI answered '${operation}' with something that is no response object (its request id: ${requestId ?? 'none'}).`,
    { cause },
  );
