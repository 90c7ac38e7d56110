import { createHash } from 'node:crypto';
import { beforeAll, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../support/eventually.ts';
import { rawCaller } from '../../support/raw.ts';
import { newCaller, openDatabase } from '../../support/world.ts';

/** The link of `Prefer: respond-async`: whoever has it may read this one response, for a time, and nothing else. */

const endpoints = inject('endpoints');
const { key } = newCaller(endpoints);
const caller = rawCaller(endpoints, key);

interface Link {
  id: string;
  token: string;
  address: URL;
}

async function newLink(): Promise<Link> {
  const body = { model: 'gpt-4.1', input: 'Say hello' };
  const { headers } = await caller.call('POST', '/responses', body, { prefer: 'respond-async' });
  const address = new URL(headers.get('location') ?? '');
  return { address, id: address.pathname.slice('/jobs/'.length), token: address.searchParams.get('token') ?? '' };
}

/** The record of a response, and the way to change it behind the gateway's back. */
const job = z.looseObject({ job: z.looseObject({ tokens: z.array(z.string()), until: z.number() }) });
async function recordOf(id: string) {
  const item = (await openDatabase(endpoints)).container('chains').item(id, id.slice(5, 29));
  return { item, record: job.parse((await item.read()).resource) };
}

const ended = ({ id, address }: Link): Promise<true> =>
  eventually(`the end of ${id}`, async () => ((await fetch(address)).status === 200 ? true : undefined));

let link: Link;
let other: Link;
beforeAll(async () => {
  [link, other] = await Promise.all([newLink(), newLink()]);
  await Promise.all([link, other].map(ended));
});

it('holds 256 random bits, of which the record keeps a hash', async () => {
  const { record } = await recordOf(link.id);
  expect(Buffer.from(link.token, 'base64url')).toHaveLength(32);
  expect(link.token).not.toBe(other.token);
  expect(record.job.tokens).toEqual([createHash('sha256').update(link.token).digest('hex')]);
  expect(JSON.stringify(record)).not.toContain(link.token);
});

it('opens one job: with the token of another, half of one or a hash it is that of nobody', async () => {
  const ask = async (id: string, token: string) => {
    const answer = await fetch(`${endpoints.gateway}/jobs/${id}?token=${token}`);
    return { status: answer.status, body: (await answer.text()).replaceAll(id, '<id>') };
  };
  const unknown = await ask(`resp_${'0'.repeat(48)}`, link.token);
  expect(unknown.status).toBe(404);
  const hash = createHash('sha256').update(link.token).digest('hex');
  for (const token of [other.token, link.token.slice(0, 20), hash, 'x', '']) {
    expect(await ask(link.id, token)).toEqual(unknown);
  }
});

it.each([
  ['GET', '/openai/v1/responses/{id}'],
  ['GET', '/openai/responses/{id}'],
  ['GET', '/openai/v1/responses/{id}/input_items'],
  ['GET', '/openai/v1/responses/{id}?stream=true'],
  ['POST', '/openai/v1/responses/{id}/cancel'],
  ['DELETE', '/openai/v1/responses/{id}'],
  ['GET', '/chains/{chain}'],
  ['DELETE', '/chains/{chain}'],
  ['GET', '/openai/v1/responses'],
])('opens nothing else: %s %s', async (method, path) => {
  const address = path.replace('{id}', link.id).replace('{chain}', link.id.slice(5, 29));
  const query = `${address.includes('?') ? '&' : '?'}token=${link.token}`;
  const headers = { authorization: `Bearer ${link.token}` };
  expect((await fetch(`${endpoints.gateway}${address}${query}`, { method })).status).toBe(401);
  // As a key it is a caller who owns nothing.
  const answer = await fetch(`${endpoints.gateway}${address}${query}`, { method, headers });
  expect(await answer.text()).not.toContain('hello');
  expect((await caller.call('GET', `/responses/${link.id}`)).status).toBe(200);
});

it('ends with its time, and never before a day has passed', async () => {
  const { item, record } = await recordOf(other.id);
  expect(record.job.until).toBeGreaterThan(Date.now() + 24 * 3_600_000);
  await item.replace({ ...record, id: other.id, job: { ...record.job, until: Date.now() - 1 } });
  expect((await fetch(other.address)).status).toBe(404);
  expect((await caller.call('GET', `/responses/${other.id}`)).status).toBe(200);
});

it('ends with its response', async () => {
  const gone = await newLink();
  await ended(gone);
  expect((await caller.call('DELETE', `/responses/${gone.id}`)).status).toBe(200);
  expect((await fetch(gone.address)).status).toBe(404);
});
