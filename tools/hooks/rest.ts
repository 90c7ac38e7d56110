import { setTimeout as sleep } from 'node:timers/promises';

/** An HTTP answer that was not what was asked for. */
export class RestError extends Error {
  override readonly name = 'RestError';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export interface Rest {
  /** Sends JSON, gives JSON (undefined for an empty answer). Throws {@link RestError} for any status of 300 or above. */
  send(method: string, path: string, body?: unknown): Promise<unknown>;
}

const CALL_LIMIT_MS = 60_000;

/** A REST service that takes a bearer token: Azure Resource Manager, Microsoft Graph. */
export function createRest(address: string, token: string): Rest {
  return {
    async send(method, path, body) {
      const answer = await fetch(`${address}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(CALL_LIMIT_MS),
      });
      const text = await answer.text();
      if (!answer.ok) throw new RestError(`${method} ${path}: ${answer.status} ${reasonIn(text)}`, answer.status);
      if (text === '') return undefined;
      const parsed: unknown = JSON.parse(text);
      return parsed;
    },
  };
}

/** The message of an error body, in the form that Resource Manager and Graph share. */
function reasonIn(text: string): string {
  try {
    const message = at(JSON.parse(text), 'error', 'message');
    return typeof message === 'string' ? message : '';
  } catch {
    // No JSON: a proxy's page says nothing that helps.
    return '';
  }
}

/** The value at a path of property names in outside data, or undefined. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const name of path) {
    if (here === null || typeof here !== 'object') return undefined;
    here = Object.entries(here).find(([key]) => key === name)?.[1];
  }
  return here;
}

/** A string at a path of outside data; empty when there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** The list at a path of outside data; empty when there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

export interface Patience {
  limitMs: number;
  intervalMs: number;
}

/**
 * Asks again and again until there is an answer.
 * @throws {Error} with the given sentence when the time is up.
 */
export async function until<T>(patience: Patience, tooLate: string, attempt: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + patience.limitMs;
  for (;;) {
    const found = await attempt();
    if (found !== undefined) return found;
    if (Date.now() + patience.intervalMs > end) throw new Error(tooLate);
    await sleep(patience.intervalMs);
  }
}
