import { expect, inject, it } from 'vitest';
import { z } from 'zod';
import { askBelowFetch, type Answer } from '../../support/answers/below-fetch.ts';
import { rawCaller } from '../../support/raw.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const model = 'gpt-4.1';
const error = z.object({ error: z.object({ code: z.string(), message: z.string(), param: z.string().nullable() }) });

/** Announces a body, and sends none of it: the refusal must not wait for it. */
function announce(path: string, bytes: number, type: string): Promise<Answer> {
  const headers = { 'api-key': newCaller(endpoints).key, 'content-type': type, 'content-length': String(bytes) };
  return askBelowFetch(endpoints.gateway, { method: 'POST', path, headers }, (call) => call.flushHeaders());
}

it.each(['/openai/v1/responses', '/openai/responses/input_tokens', '/openai/v1/containers'])(
  '%s takes no body over 100 MB, and says where large things go',
  async (path) => {
    const { status, body } = await announce(path, 101 * 1024 * 1024, 'application/json');
    expect(status).toBe(413);
    const { code, message } = error.parse(JSON.parse(body)).error;
    expect({ code, message }).toEqual({ code: 'body_too_large', message: expect.stringContaining('/files') });
  },
);

const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);

it.each([
  ['JSON that nests too deeply', { input: 'x', metadata: deep(70) }, 'invalid_json', null],
  ['too many items', { input: Array.from({ length: 10_001 }, () => ({})) }, 'invalid_value', 'input'],
  [
    'a metadata value that is too long',
    { input: 'x', metadata: { a: 'x'.repeat(513) } },
    'invalid_value',
    'metadata.a',
  ],
])('%s is refused', async (_what, body, code, param) => {
  const caller = rawCaller(endpoints, newCaller(endpoints).key);
  expect(await caller.call('POST', '/responses', { model, ...body })).toMatchObject({
    status: 400,
    body: { error: { code, param } },
  });
});

it('JSON of a million brackets does no harm', async () => {
  const { key } = newCaller(endpoints);
  const answer = await fetch(`${endpoints.gateway}/openai/v1/responses`, {
    method: 'POST',
    headers: { 'api-key': key, 'content-type': 'application/json' },
    body: `{"input":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`,
  });
  expect(answer.status).toBe(400);
});

it('headers of the platform name nobody: they can be sent by anybody', async () => {
  const { key, client } = newCaller(endpoints);
  await client.responses.create({ model, input: 'Mine' });
  const principal = Buffer.from(JSON.stringify({ claims: [{ typ: 'oid', val: key }] })).toString('base64');
  const headers = {
    'x-ms-client-principal': principal,
    'x-ms-client-principal-id': key,
    'x-ms-client-principal-name': key,
    'x-ms-token-aad-access-token': key,
  };
  const list = `${endpoints.gateway}/openai/v1/responses`;
  expect((await fetch(list, { headers })).status).toBe(401);
  const other = await fetch(list, { headers: { ...headers, 'api-key': newCaller(endpoints).key } });
  expect(await other.json()).toMatchObject({ data: [] });
});
