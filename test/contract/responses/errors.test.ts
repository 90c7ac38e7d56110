import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { askBelowFetch } from '../../support/answers/below-fetch.ts';
import { rawCaller, type RawAnswer } from '../../support/raw.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

/** What goes wrong at the service, in the words of this gateway. Shapes and retry headers are checked with every answer. */
const endpoints = inject('endpoints');
const caller = rawCaller(endpoints, newCaller(endpoints).key);
const model = 'gpt-4.1';

/** The answer to a create that meets this fault at the service. */
async function meet(fault: Record<string, unknown>, more: Record<string, unknown> = {}): Promise<RawAnswer> {
  const azure = steer(endpoints);
  await azure.plan('create', fault, { times: 'always' });
  return caller.call('POST', '/responses', { model, input: azure.marker, ...more });
}

describe.each([
  ['plain', {}],
  ['streamed', { stream: true }],
])('a refusal of the service, %s', (_, how) => {
  it.each([
    ['that does not say for how long', {}, '10'],
    ['for longer than SDKs obey', { retryAfterSeconds: 300 }, '60'],
    ['in milliseconds', { retryAfterMs: 1_500 }, '2'],
  ])('for too many requests, %s', async (_name, wait, expected) => {
    const { status, headers, body } = await meet({ kind: 'throttle', ...wait }, how);
    expect([status, body.error?.code, headers.get('retry-after')]).toEqual([429, 'rate_limit_exceeded', expected]);
  });

  it('for too many requests comes with the limits that the service tells', async () => {
    const limits = { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '0' };
    const error = { code: 'too_many_requests', message: 'Slow down.' };
    const { headers } = await meet({ kind: 'status', status: 429, error, headers: limits }, how);
    expect(Object.fromEntries(headers)).toMatchObject(limits);
  });

  it('for a quota that is used up is not to be repeated', async () => {
    const error = {
      code: 'insufficient_quota',
      message: 'You exceeded your current quota.',
      type: 'insufficient_quota',
    };
    const { status, headers, body } = await meet({ kind: 'status', status: 429, error }, how);
    expect([status, body.error?.code]).toEqual([429, 'insufficient_quota']);
    expect(headers.get('x-should-retry')).toBe('false');
  });

  it.each(['key', 'token', 'role', 'network'])(
    'because of the gateway’s own %s does not blame the caller',
    async (why) => {
      const { status, headers, body } = await meet({ kind: 'denied', why }, how);
      expect([status, body.error?.code]).toEqual([502, 'gateway_not_authorized']);
      expect(body.error?.message).toContain('Cognitive Services OpenAI User');
      expect(headers.get('x-should-retry')).toBe('false');
    },
  );

  it.each([
    [500, 502, 'service_failed'],
    [503, 503, 'service_unavailable'],
    [504, 502, 'service_failed'],
  ])('with status %i, as a page', async (theirs, ours, code) => {
    const { status, body } = await meet({ kind: 'status', status: theirs, text: '<html>Bad Gateway</html>' }, how);
    expect([status, body.error?.code]).toEqual([ours, code]);
    expect(body.error?.message).not.toContain('html');
  });

  it('that breaks the connection', async () => {
    const { status, body } = await meet({ kind: 'reset' }, how);
    expect([status, body.error?.code]).toEqual([502, 'service_failed']);
  });
});

describe('an answer of the service', () => {
  it.each([
    ['plain', {}],
    ['unstored', { store: false }],
    ['streamed', { stream: true }],
    ['a streamed image', { stream: true, tools: [{ type: 'image_generation' }] }],
    ['in the background', { background: true }],
    ['answered by a link', {}, { prefer: 'respond-async' }],
    ['streamed in the background', { background: true, stream: true }],
    ['an image streamed in the background', { background: true, stream: true, tools: [{ type: 'image_generation' }] }],
  ])('comes with its limits, and nothing else of its headers: %s', async (_, how, headers?: Record<string, string>) => {
    const input = 'Generate an image of a cat.';
    const answer = await caller.open('POST', '/responses', { model, input, ...how }, headers);
    await answer.text();
    expect(answer.headers.get('x-ratelimit-limit-requests')).toBe('10000');
    expect(answer.headers.get('x-ratelimit-remaining-tokens')).toBe('-1');
    expect(answer.headers.get('x-ms-region')).toBeNull();
    expect(answer.headers.get('apim-request-id')).toBeNull();
  });

  it('that failed is a failed response, kept as such', async () => {
    const { status, body } = await meet({ kind: 'fail', code: 'server_error', message: 'It broke.' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'failed', error: { code: 'server_error', message: 'It broke.' } });
    expect((await caller.call('GET', `/responses/${String(body.id)}`)).body).toEqual(body);
  });

  it('never shows the service’s own ids, not even in its words about the parent', async () => {
    const azure = steer(endpoints);
    const { body: parent } = await caller.call('POST', '/responses', { model, input: 'hi' });
    const next = { model, input: azure.marker, previous_response_id: parent.id };
    await caller.call('POST', '/responses', next);
    const [sent] = await azure.requests();
    const theirs = /"previous_response_id":"(resp_[0-9a-f]{50})"/.exec(JSON.stringify(sent))?.[1] ?? '';
    const error = {
      code: 'bad',
      type: 'invalid_request_error',
      message: `Response ${theirs} cannot be used.`,
      param: null,
    };
    await azure.plan('create', { kind: 'status', status: 400, error });
    const { status, body } = await caller.call('POST', '/responses', next);
    expect([status, body.error?.message]).toEqual([400, `Response ${String(parent.id)} cannot be used.`]);
  });
});

describe('what is not offered', () => {
  it.each(['/responses', '/responses/compact', '/responses/input_tokens'])(
    'conversations and stored prompts: POST %s',
    async (path) => {
      for (const field of [
        { conversation: 'conv_1' },
        { conversation: { id: 'conv_1' } },
        { prompt: { id: 'pmpt_1' } },
      ]) {
        const { status, body } = await caller.call('POST', path, { model, input: 'x', ...field });
        expect([status, body.error?.code, body.error?.param]).toEqual([
          400,
          'unsupported_parameter',
          Object.keys(field)[0],
        ]);
      }
    },
  );

  it('vector stores that are not on the list', async () => {
    const tools = [{ type: 'file_search', vector_store_ids: ['vs_1'] }];
    const { status, body } = await caller.call('POST', '/responses', { model, input: 'x', tools });
    expect([status, body.error?.code]).toEqual([400, 'reference_not_found']);
  });

  it.each(['/conversations', '/vector_stores', '/uploads', '/chat/completions', '/responses/x/unheard-of'])(
    'POST %s',
    async (path) => {
      expect((await caller.call('POST', path, {})).body.error?.code).toBe('unknown_route');
    },
  );

  it.each(['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'])('%s of an address that has other methods', async (method) => {
    const answer = await caller.open(method, '/responses');
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([404, 'false']);
    if (method !== 'HEAD') expect(await answer.text()).toContain(`${method} /openai/v1/responses is not offered`);
  });

  it.each(['/responses', '/responses/x', '/v1/responses', '/v1/models'])(
    'an address without the whole base, %s, and the answer says which it is',
    async (path) => {
      const answer = await fetch(endpoints.gateway + path, { method: 'POST', headers: { 'api-key': caller.key } });
      const { error } = z
        .object({ error: z.object({ code: z.string(), message: z.string() }) })
        .parse(await answer.json());
      expect([answer.status, error.code]).toEqual([404, 'unknown_route']);
      expect(error.message).toContain('ends in /openai/v1');
    },
  );

  it('a request without a field that it must have, which is named', async () => {
    const { status, body } = await caller.call('POST', '/responses', { input: 'x' });
    expect([status, body.error?.message]).toEqual([400, "Missing required parameter: 'model'."]);
  });

  it('the WebSocket mode', async () => {
    const headers = {
      'api-key': caller.key,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    const { status } = await askBelowFetch(endpoints.gateway, { path: '/openai/v1/responses', headers });
    expect(status).toBe(426);
  });
});

describe('a malformed request is refused with the name of the field', () => {
  it.each([
    [{ input: 5 }, 'input'],
    [{ input: [1] }, 'input'],
    [{ max_output_tokens: 3 }, 'max_output_tokens'],
    [{ temperature: 3 }, 'temperature'],
    [{ top_logprobs: 21 }, 'top_logprobs'],
    [{ metadata: { k: 'v'.repeat(513) } }, 'metadata.k'],
    [{ metadata: { ['k'.repeat(65)]: 'v' } }, `metadata.${'k'.repeat(65)}`],
    [{ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, 'v'])) }, 'metadata'],
    [{ tools: [{}] }, 'tools[0].type'],
    [{ context_management: [] }, 'context_management'],
    [{ background: true, store: false }, 'background'],
    [{ stream_options: {} }, 'stream_options'],
    [{ stream: 'yes' }, 'stream'],
    [{ previous_response_id: 7 }, 'previous_response_id'],
  ])('%j', async (fields, param) => {
    const { status, body } = await caller.call('POST', '/responses', { model, input: 'x', ...fields });
    expect([status, body.error?.param]).toEqual([400, param]);
    expect(body.error?.message).not.toContain('Invalid input');
  });

  it('a compaction that names no model', async () => {
    const { status, body } = await caller.call('POST', '/responses/compact', { input: 'x' });
    expect([status, body.error?.param]).toEqual([400, 'model']);
  });

  it.each([
    ['GET', 'stream=maybe', 'stream'],
    ['GET', 'stream=true&starting_after=', 'starting_after'],
    ['GET', 'stream=true&starting_after=x', 'starting_after'],
    ['DELETE', 'cascade=yes', 'cascade'],
  ])('%s with %s', async (method, query, param) => {
    const { body } = await caller.call('POST', '/responses', { model, input: 'x' });
    const answer = await caller.call(method, `/responses/${String(body.id)}?${query}`);
    expect([answer.status, answer.body.error?.code, answer.body.error?.param]).toEqual([400, 'invalid_value', param]);
    expect((await caller.call('GET', `/responses/${String(body.id)}`)).status).toBe(200);
  });

  it.each(['true', 'True', '1'])('stream=%s of a response that has no stream', async (yes) => {
    const { body } = await caller.call('POST', '/responses', { model, input: 'x' });
    const answer = await caller.call('GET', `/responses/${String(body.id)}?stream=${yes}`);
    expect([answer.status, answer.body.error?.code]).toEqual([400, 'not_resumable']);
  });

  it.each(['limit=0', 'limit=101', 'order=up', 'after=msg_none'])('a page by %s', async (query) => {
    const { body } = await caller.call('POST', '/responses', { model, input: 'x' });
    const answer = await caller.call('GET', `/responses/${String(body.id)}/input_items?${query}`);
    expect(answer.status).toBe(400);
  });
});
