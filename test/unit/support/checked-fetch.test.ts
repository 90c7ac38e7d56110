import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokenContract, checkedFetch } from '../../support/checked-fetch.ts';

/** Every contract test reads through `checkedFetch`: what it would not notice, no test would. */
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
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

async function read(answer: Answer): Promise<string> {
  next = answer;
  const { port } = server.address() as AddressInfo;
  return (await checkedFetch(`http://127.0.0.1:${port}/openai/v1/responses`, { method: 'POST' })).text();
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
