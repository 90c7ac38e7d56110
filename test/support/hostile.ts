import fc from 'fast-check';
import { expect } from 'vitest';
import type { Endpoints } from '../../local/world/endpoints.ts';
import { askBelowFetch, type Sent } from './answers/below-fetch.ts';
import { newOwner, type Belongings } from './belongings.ts';

/** Whatever comes in, somebody gets an answer, and it is never the gateway's own failure. */

/** Always the same cases: a failure can be seen again. */
export const RUNS: fc.Parameters<unknown> = { numRuns: 80, seed: 20_260_101 };
export const SLOW = 60_000;

export interface HostileCaller {
  /** Gives the status; 0 when the connection was closed on us. */
  send(sent: Sent, body?: Buffer | string): Promise<number>;
  post(path: string, body: Buffer | string, headers?: Record<string, string>): Promise<number>;
}

export function hostileCaller({ gateway }: Pick<Endpoints, 'gateway'>, key: string): HostileCaller {
  const send: HostileCaller['send'] = async ({ headers, ...sent }, body) => {
    try {
      const all = { ...sent, headers: { 'api-key': key, ...headers } };
      return (await askBelowFetch(gateway, all, (call) => call.end(body))).status;
    } catch (error) {
      if (error instanceof Error && 'code' in error && CLOSED.has(error.code)) return 0;
      throw error;
    }
  };
  return {
    send,
    post: (path, body, headers = {}) =>
      send({ method: 'POST', path, headers: { 'content-type': 'application/json', ...headers } }, body),
  };
}

/** One who owns one of everything, and sends anything. */
export interface HostileOwner extends HostileCaller {
  readonly belongings: Belongings;
}

export async function newHostileOwner(endpoints: Endpoints): Promise<HostileOwner> {
  const belongings = await newOwner(endpoints);
  return { ...hostileCaller(endpoints, belongings.key), belongings };
}

const CLOSED = new Set<unknown>(['ECONNRESET', 'EPIPE']);

/** What the service itself stumbles over is its fault, and told as such. */
const SERVICE_FAILED = 502;

export async function neverFails(status: Promise<number>): Promise<void> {
  const found = await status;
  if (found !== SERVICE_FAILED) expect(found).toBeLessThan(500);
}

/** After all that was sent the process that got it still answers. */
export async function stillAnswers({ hostPid }: Pick<Endpoints, 'hostPid'>, caller: HostileCaller): Promise<void> {
  expect(process.kill(hostPid ?? 0, 0)).toBe(true);
  expect(await caller.send({ path: '/health' })).toBe(200);
  expect(await caller.post('/openai/v1/responses', JSON.stringify({ model: 'gpt-4.1', input: 'Hi' }))).toBe(200);
}

/** Text as an attacker writes it: names of the platform's own, separators, escapes, other alphabets, control characters. */
export const nasty: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '..',
    '../..',
    '%2e%2e%2f',
    '%',
    '%zz',
    '%00',
    '%ff',
    '*',
    "' OR 1=1 --",
    '"',
    '\\',
    '?',
    '#',
    'a/b',
    '{}',
    '[]',
    'null',
    '__proto__',
    'constructor',
    'resp_',
    `resp_${'0'.repeat(48)}`,
    `resp_${'f'.repeat(47)}g`,
    'input_tokens',
    'compact',
    '-1',
    '1e999',
    'NaN',
    '𝒳',
    '\u202e',
    '\ud800',
    'x'.repeat(3_000),
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
);
