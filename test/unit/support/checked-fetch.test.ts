import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import OpenAI from 'openai';
import { askBelowFetch } from '../../support/answers/below-fetch.ts';
import { BrokenContract, takeBroken, unwatch, watch } from '../../support/answers/checked-fetch.ts';

/** Every test reads the gateway through this check: what it would not notice, no test would. */
const OURS = `resp_${'0'.repeat(48)}`;
const THEIRS = `resp_${'0'.repeat(50)}`;

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body: string;
}

let next: Answer = { body: '' };
const server = createServer((_, response) => {
  response.writeHead(next.status ?? 200, { 'x-request-id': 'r', ...next.headers }).end(next.body);
});
let address = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  watch(address);
});
afterEach(() => {
  takeBroken();
});
afterAll(async () => {
  unwatch(address);
  await new Promise<void>((resolve) => void server.close(() => resolve()));
});

async function read(answer: Answer, path = '/openai/v1/responses', method = 'POST'): Promise<string> {
  next = answer;
  return (await fetch(`${address}${path}`, { method })).text();
}

const json = (body: unknown, more: Partial<Answer> = {}): Answer => ({
  ...more,
  headers: { 'content-type': 'application/json', ...more.headers },
  body: JSON.stringify(body),
});
const refusal = (
  error: object,
  headers: Record<string, string> = { 'x-should-retry': 'false' },
  status = 400,
): Answer => json({ error }, { status, headers });

const USAGE = {
  input_tokens: 1,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 1,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 2,
};

const response = {
  id: OURS,
  object: 'response',
  status: 'completed',
  created_at: 1,
  completed_at: 2,
  background: false,
  error: null,
  frequency_penalty: 0,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  model: 'gpt-4.1',
  output: [] as object[],
  parallel_tool_calls: true,
  presence_penalty: 0,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: null,
  safety_identifier: null,
  service_tier: 'default',
  store: true,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  usage: USAGE as object | null,
};
const error = { message: 'No.', type: 'invalid_request_error', param: null, code: null };

describe('the check of every answer', () => {
  it('lets a right one pass', async () => {
    await expect(read(json(response))).resolves.toContain(OURS);
    await expect(read(refusal(error))).resolves.toContain('No.');
  });

  it.each<[string, Answer]>([
    ['an id of the service', json({ ...response, user: THEIRS })],
    ['an id that is no gateway’s', json({ ...response, id: 'resp_1' })],
    ['a key that strict readers want', json({ ...response, text: undefined })],
    ['a null that strict readers do not want', json({ ...response, temperature: null })],
    ['a failure without a reason', json({ ...response, status: 'failed', completed_at: null })],
    ['a reason without a failure', json({ ...response, error: { code: 'server_error', message: 'No.' } })],
    ['an end of what has not ended well', json({ ...response, status: 'cancelled' })],
    ['an answer that cost nothing', json({ ...response, usage: null })],
    ['an item without an id', json({ ...response, output: [{ type: 'message', content: [] }] })],
    ['an unknown object', json({ object: 'thing' })],
    ['an error without a code', refusal({ message: 'No.', type: 'x', param: null })],
    ['an error of type null', refusal({ ...error, type: null })],
    ['an error with an id of the service', refusal({ ...error, message: THEIRS })],
    ['a refusal that SDKs would repeat', refusal(error, {}, 409)],
    ['a 429 that does not say for how long', refusal(error, {}, 429)],
    ['a wait that SDKs do not obey', refusal(error, { 'retry-after': '300' }, 429)],
  ])('notices %s', async (_, answer) => {
    await expect(read(answer)).rejects.toThrow(BrokenContract);
  });
});

const nowhere = { id: OURS, object: 'webhook.delivery', event: 'response.completed', state: 'lost', attempts: 1 };

describe('the check of what is no API of OpenAI', () => {
  it.each<[string, Answer]>([
    ['/health', json({ status: 'ok' })],
    ['/health', json({ status: 'misconfigured', faults: [] }, { status: 503 })],
    ['/chains', json({ object: 'list', data: [], first_id: null, last_id: null, has_more: false })],
    ['/openai/v1/files/x/content', { body: 'Anything.' }],
    ['/admin/functions', { body: 'Of the host.' }],
    [`/jobs/${OURS}?token=t`, json(response)],
  ])('lets %s pass', async (path, answer) => {
    await expect(read(answer, path, 'GET')).resolves.toBe(answer.body);
  });

  it.each<[string, Answer]>([
    ['/health', json({ status: 'fine' })],
    ['/chains', json({ object: 'list', data: [{ object: 'chain' }], first_id: null, last_id: null, has_more: false })],
    [`/chains/${OURS.slice(5, 29)}`, json({ id: OURS.slice(5, 29), object: 'chain' })],
    ['/documents/x', json({ object: 'document', state: 'lost' })],
    ['/documents', refusal({ message: 'No.' })],
    ['/webhooks/deliveries', json({ object: 'list', data: [nowhere] })],
    [`/jobs/${OURS}?token=t`, json({ ...response, usage: null })],
    ['/openai/v1/files/x/content', refusal({ message: 'No.' })],
    ['/openai/v1/unheard-of', json(response)],
    ['/openai/v1/unheard-of', { status: 404, headers: { 'x-should-retry': 'false' }, body: 'Not found' }],
    ['/openai/responses/x/input_items', json({ object: 'list', data: [{}] })],
    ['/openapi.json', { headers: { 'content-type': 'text/plain' }, body: '{}' }],
  ])('notices a wrong %s', async (path, answer) => {
    await expect(read(answer, path, 'GET')).rejects.toThrow(BrokenContract);
  });
});

type Event = { type: string } & Record<string, unknown>;

const part = { type: 'output_text', text: 'Hi', annotations: [], logprobs: [] };
const message = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [part] };
const at = { item_id: 'msg_1', output_index: 0 };
const inPart = { ...at, content_index: 0 };
const begun = { ...response, status: 'in_progress', completed_at: null, usage: null };

/** A right stream; the tests spoil one thing of it. */
const whole: readonly Event[] = [
  { type: 'response.created', response: begun },
  { type: 'response.in_progress', response: begun },
  { type: 'response.output_item.added', output_index: 0, item: { ...message, status: 'in_progress', content: [] } },
  { type: 'response.content_part.added', ...inPart, part: { ...part, text: '' } },
  { type: 'response.output_text.delta', ...inPart, delta: 'H', logprobs: [] },
  { type: 'response.output_text.delta', ...inPart, delta: 'i', logprobs: [] },
  { type: 'response.output_text.done', ...inPart, text: 'Hi', logprobs: [] },
  { type: 'response.content_part.done', ...inPart, part },
  { type: 'response.output_item.done', output_index: 0, item: message },
  { type: 'response.completed', response: { ...response, output: [message] } },
];

const numbered = (events: readonly Event[]): Event[] =>
  events.map((event, index) => ({ sequence_number: index, ...event }));
const stream = (events: readonly Event[], end = 'data: [DONE]\n\n'): Answer => ({
  headers: { 'content-type': 'text/event-stream' },
  body: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('') + end,
});
const without = (type: string): Event[] => numbered(whole.filter((event) => event.type !== `response.${type}`));
const change = (type: string, fields: Record<string, unknown>): Event[] =>
  numbered(whole.map((event) => (event.type === `response.${type}` ? { ...event, ...fields } : event)));

describe('the check of every stream', () => {
  it('lets a right one pass', async () => {
    await expect(read(stream(numbered(whole)))).resolves.toContain('[DONE]');
  });

  it.each<[string, Answer]>([
    ['no [DONE]', stream(numbered(whole), '')],
    ['no end', stream(without('completed'))],
    ['another opening', stream(without('created'))],
    ['a gap in the numbers', stream(numbered(whole).filter((_, index) => index !== 4))],
    ['something after the end', stream(numbered([...whole, { type: 'response.in_progress', response: begun }]))],
    ['an event that SDKs do not know', stream(numbered([...whole.slice(0, 2), { type: 'gateway.ping' }]))],
    ['an error event', stream(numbered([...whole.slice(0, 2), { ...error, type: 'error' }]))],
    ['another id in the end', stream(change('completed', { response: { ...response, id: `resp_${'1'.repeat(48)}` } }))],
    ['an id of the service', stream(change('output_text.delta', { obfuscation: THEIRS }))],
    ['a delta without log probabilities', stream(change('output_text.delta', { logprobs: undefined }))],
    ['an item that is there before it begins', stream(change('output_item.added', { item: message }))],
    ['an item that nobody announced', stream(without('output_item.added'))],
    ['an item that does not end', stream(without('output_item.done'))],
    ['an item that ends as another', stream(change('output_item.done', { item: { ...message, id: 'msg_2' } }))],
    ['a part that nobody announced', stream(without('content_part.added'))],
    ['a part that does not end', stream(without('content_part.done'))],
    ['deltas that do not add up', stream(change('output_text.done', { text: 'Ho' }))],
    ['a response that holds something else', stream(change('completed', { response }))],
    [
      'an event under another name',
      {
        ...stream(numbered(whole)),
        body: stream(numbered(whole)).body.replace('event: response.created', 'event: created'),
      },
    ],
    ['an id line', { ...stream([]), body: `id: 1\n${stream(numbered(whole)).body}` }],
  ])('notices %s', async (_, answer) => {
    await expect(read(answer)).rejects.toThrow(BrokenContract);
  });
});

describe('no way around the check', () => {
  const wrong = json({ object: 'thing' });

  it('leads below fetch', async () => {
    next = wrong;
    await expect(askBelowFetch(address, { method: 'POST', path: '/openai/v1/responses' })).rejects.toThrow(
      BrokenContract,
    );
    next = stream(without('completed'));
    await expect(askBelowFetch(address, { method: 'POST', path: '/openai/v1/responses' })).rejects.toThrow(
      BrokenContract,
    );
    await expect(askBelowFetch('http://127.0.0.1:9', { path: '/' })).rejects.toThrow('Nobody checks');
  });

  it('leads through a client, or past a test that tries again', async () => {
    next = wrong;
    const client = new OpenAI({ baseURL: `${address}/openai/v1`, apiKey: 'x', maxRetries: 0 });
    await client.responses.create({ model: 'gpt-4.1', input: 'Hi' }).catch(() => undefined);
    expect(takeBroken()).toEqual([expect.any(BrokenContract)]);
  });

  it('leads by another name of the machine', async () => {
    next = wrong;
    await expect(fetch(address.replace('127.0.0.1', 'localhost') + '/openai/v1/responses')).rejects.toThrow(
      BrokenContract,
    );
  });
});

describe('the check of the service', () => {
  beforeAll(() => watch(address, 'service'));
  afterAll(() => watch(address));
  const theirs = { ...response, id: THEIRS };

  it('lets a right answer pass', async () => {
    await expect(read(json(theirs))).resolves.toContain(THEIRS);
    await expect(read(json({ error: { code: '429', message: 'No.' } }, { status: 429 }))).resolves.toContain('No.');
  });

  it.each<[string, Answer]>([
    ['an id of the gateway', json(response)],
    ['a key that strict readers want', json({ ...theirs, text: undefined })],
    ['a failure without a message', json({ error: { code: null } }, { status: 400 })],
    [
      'an event that SDKs do not know',
      stream(numbered([{ type: 'response.created', response: { ...begun, id: THEIRS } }, { type: 'service.ping' }])),
    ],
  ])('notices %s', async (_, answer) => {
    await expect(read(answer)).rejects.toThrow(BrokenContract);
  });
});
