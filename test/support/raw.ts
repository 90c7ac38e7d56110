import { z } from 'zod';
import type { Endpoints } from '../../local/world/endpoints.ts';

const anything = z.looseObject({
  id: z.string().optional(),
  status: z.string().optional(),
  output: z.array(z.looseObject({ id: z.string(), type: z.string() })).optional(),
  data: z.array(z.looseObject({ id: z.string() })).optional(),
  error: z.looseObject({ message: z.string(), code: z.string().nullish(), param: z.string().nullish() }).nullish(),
});

export interface RawAnswer {
  status: number;
  headers: Headers;
  body: z.infer<typeof anything>;
}

export interface RawCaller {
  readonly key: string;
  /** A JSON request below `/openai/v1`, and its JSON answer, checked like every other. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<RawAnswer>;
  /** The same, for answers that are no JSON. */
  open(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** Plain HTTP, for what the SDK hides. */
export function rawCaller({ gateway }: Pick<Endpoints, 'gateway'>, key: string): RawCaller {
  const open: RawCaller['open'] = (method, path, body, headers = {}) =>
    fetch(`${gateway}/openai/v1${path}`, {
      method,
      headers: { 'api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  return {
    key,
    open,
    async call(method, path, body, headers) {
      const answer = await open(method, path, body, headers);
      return { status: answer.status, headers: answer.headers, body: anything.parse(await answer.json()) };
    },
  };
}

/** The addresses that are not the API's: chains, documents. */
export interface Door {
  /** A call that must succeed, and its JSON. */
  json: (method: string, path: string) => Promise<unknown>;
  /** Any call, with its bare status. */
  status: (method: string, path: string) => Promise<number>;
}

export function doorOf({ gateway }: Pick<Endpoints, 'gateway'>, key: string): Door {
  const call = (method: string, path: string): Promise<Response> =>
    fetch(`${gateway}/${path}`, { method, headers: { 'api-key': key } });
  return {
    async json(method, path) {
      const answer = await call(method, path);
      const body: unknown = await answer.json();
      if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(body)}`);
      return body;
    },
    status: async (method, path) => (await call(method, path)).status,
  };
}
