import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { AzureOpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { rawCaller } from '../../support/raw.ts';
import { startDoorHost, type SecondHost } from '../../support/second-host.ts';
import { clientFor } from '../../support/world.ts';

/** `AUTH_MODE=keys` on a host of its own: what `npm run keys` makes, until it is taken away. */

const endpoints = inject('endpoints');
const model = 'gpt-4.1';
/** Nobody else's in the world that these tests share. */
const web = `web-${randomUUID()}`;
const billing = `billing-${randomUUID()}`;

/** Makes a key as an operator does. */
async function makeKey(name: string, current?: string): Promise<{ key: string; setting: string }> {
  const more = current === undefined ? [] : [current];
  const { stdout } = await promisify(execFile)(process.execPath, ['tools/keys/main.ts', name, ...more]);
  return {
    key: /^ {2}(gw_\S+)$/m.exec(stdout)?.[1] ?? '',
    setting: /^ {2}AUTH_KEYS=(.+)$/m.exec(stdout)?.[1] ?? '',
  };
}

const hostWith = (setting: string): Promise<SecondHost> =>
  startDoorHost(endpoints, { AUTH_MODE: 'keys', AUTH_KEYS: setting });

let old: string;
let fresh: string;
let other: string;
let setting: string;
let host: SecondHost;
let world: { gateway: string };
beforeAll(async () => {
  const first = await makeKey(web);
  const second = await makeKey(web, first.setting);
  const third = await makeKey(billing, second.setting);
  ({ setting } = third);
  [old, fresh, other] = [first.key, second.key, third.key];
  host = await hostWith(setting);
  world = { ...endpoints, gateway: host.gateway };
});
afterAll(() => host.stop());

const client = (key: string) => clientFor({ ...endpoints, gateway: host.gateway }, key);
const azure = (apiKey: string): AzureOpenAI =>
  new AzureOpenAI({
    endpoint: host.gateway,
    apiKey,
    apiVersion: '2025-04-01-preview',
    maxRetries: 0,
  });

it('the setting holds hashes, and nothing of the keys', () => {
  const hashes = z.record(z.string(), z.array(z.string())).parse(JSON.parse(setting));
  expect(Object.keys(hashes)).toEqual([web, billing]);
  for (const key of [old, fresh, other]) {
    expect(setting).not.toContain(key.slice(3));
    expect(Object.values(hashes).flat()).toContain(createHash('sha256').update(key).digest('hex'));
  }
});

describe('a name', () => {
  it('owns what any of its keys makes, in either header', async () => {
    const made = await client(old).responses.create({ model, input: 'Say hello' });
    expect((await azure(fresh).responses.retrieve(made.id)).id).toBe(made.id);
    const next = await azure(old).responses.create({ model, input: 'And again', previous_response_id: made.id });
    const { data } = (await rawCaller(world, fresh).call('GET', '/responses')).body;
    expect(data?.map(({ id }) => id)).toEqual([next.id, made.id]);
    // The name is the owner: in the world of these tests a caller of that name is let in without its keys.
    expect((await rawCaller(endpoints, web).call('GET', `/responses/${made.id}`)).status).toBe(200);
  });

  it('is shut off from every other name', async () => {
    const { id } = await client(fresh).responses.create({ model, input: 'Mine', background: true });
    const stranger = rawCaller(world, other);
    const unknown = `resp_${'0'.repeat(48)}`;
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/input_items'],
      ['POST', '/cancel'],
      ['DELETE', ''],
    ] as const) {
      const foreign = await stranger.call(method, `/responses/${id}${path}`);
      const nobodys = await stranger.call(method, `/responses/${unknown}${path}`);
      expect(foreign.status).toBe(404);
      expect(JSON.stringify(foreign.body).replaceAll(id, unknown)).toBe(JSON.stringify(nobodys.body));
    }
    expect((await stranger.call('GET', '/responses')).body.data).toEqual([]);
    expect((await rawCaller(world, old).call('GET', `/responses/${id}`)).status).toBe(200);
  });
});

describe('nobody else', () => {
  it.each<[string, (key: string) => Record<string, string>]>([
    ['no header', () => ({})],
    ['an unknown key', () => ({ 'api-key': `gw_${'x'.repeat(43)}` })],
    ['a key with a letter less', (key) => ({ 'api-key': key.slice(0, -1) })],
    ['a key in capitals', (key) => ({ 'api-key': key.toUpperCase() })],
    ['the hash of a key', (key) => ({ 'api-key': createHash('sha256').update(key).digest('hex') })],
    ['a name', () => ({ 'api-key': web })],
    ['another scheme', (key) => ({ authorization: `Basic ${key}` })],
    ['a key in the query', () => ({})],
    ['a name in a header of the platform', () => ({ 'x-ms-client-principal-id': web })],
  ])('is let in: %s', async (what, headersOf) => {
    const query = what === 'a key in the query' ? `?api-key=${fresh}&code=${fresh}` : '';
    const answer = await fetch(`${host.gateway}/openai/v1/responses${query}`, { headers: headersOf(fresh) });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: 'unauthenticated', type: 'authentication_error' } });
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });
});

it('a key that was taken out of the setting opens nothing, and the one that replaced it everything', async () => {
  const made = await client(old).responses.create({ model, input: 'Before' });
  const hashes = z.record(z.string(), z.array(z.string())).parse(JSON.parse(setting));
  const gone = createHash('sha256').update(old).digest('hex');
  const left = { ...hashes, [web]: (hashes[web] ?? []).filter((hash) => hash !== gone) };
  const later = await hostWith(JSON.stringify(left));
  try {
    const read = (key: string) =>
      rawCaller({ ...endpoints, gateway: later.gateway }, key).call('GET', `/responses/${made.id}`);
    expect((await read(old)).status).toBe(401);
    expect((await read(fresh)).status).toBe(200);
    expect((await read(other)).status).toBe(404);
  } finally {
    await later.stop();
  }
});
