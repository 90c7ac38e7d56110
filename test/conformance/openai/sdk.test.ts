import OpenAI7, { AzureOpenAI } from 'openai';
import OpenAI6 from 'openai-6';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../../local/kit/server.ts';
import { unwatch, watch } from '../../support/answers/checked-fetch.ts';
import { startOpenAI } from '../../../local/openai/server.ts';

let azure: RunningServer;
beforeAll(async () => {
  azure = await startOpenAI();
  watch(azure.address, 'service');
});
afterAll(async () => {
  unwatch(azure.address);
  await azure.stop();
});

const model = 'gpt-4.1';
/** The newer class stands for both: what is used here has the same types in the older. */
const MAJORS: [name: string, make: (options: { baseURL: string; apiKey: string }) => OpenAI7][] = [
  ['openai 7', (options) => new OpenAI7(options)],
  ['openai 6', (options) => new OpenAI6(options) as unknown as OpenAI7],
];

async function plan(contains: string, fault: object): Promise<void> {
  const scenario = { match: { contains }, fault };
  await fetch(`${azure.address}/_control/scenarios`, { method: 'POST', body: JSON.stringify(scenario) });
}

describe.each(MAJORS)('%s', (name, make) => {
  let client: OpenAI7;
  beforeAll(() => {
    client = make({ baseURL: `${azure.address}/openai/v1`, apiKey: 'key' });
  });

  it('creates, retrieves, lists the input of and deletes a response', async () => {
    const made = await client.responses.create({ model, input: 'My name is Ada.' });
    expect(made.output_text).not.toBe('');
    expect(made._request_id).toMatch(/^[0-9a-f-]{36}$/);
    const again = await client.responses.retrieve(made.id);
    expect(again.output_text).toBe(made.output_text);
    const next = await client.responses.create({ model, input: 'What is my name?', previous_response_id: made.id });
    expect(next.output_text).toContain('Ada');
    const items = [];
    for await (const item of client.responses.inputItems.list(next.id, { limit: 1 })) items.push(item);
    expect(items).toHaveLength(3);
    await client.responses.delete(made.id);
    await expect(client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
  });

  it('iterates over a stream, and its helper agrees with it', async () => {
    const body = { model, input: 'Count from 1 to 5.' };
    let text = '';
    for await (const event of await client.responses.create({ ...body, stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    const final = await client.responses.stream(body).finalResponse();
    expect(final.output_text).toBe(text);
    expect(text).toContain('5');
  });

  it('polls, resumes and cancels in the background', async () => {
    const { id } = await client.responses.create({ model, input: 'Say hi.', background: true });
    await expect.poll(async () => (await client.responses.retrieve(id)).status, { timeout: 5_000 }).toBe('completed');

    const stream = await client.responses.create({ model, input: 'Count to 9.', background: true, stream: true });
    let started = '';
    let cursor = 0;
    for await (const event of stream) {
      if (event.type === 'response.created') started = event.response.id;
      cursor = event.sequence_number;
      if (cursor === 4) break;
    }
    const rest = [];
    for await (const event of await client.responses.retrieve(started, { stream: true, starting_after: cursor }))
      rest.push(event);
    expect(rest[0]?.sequence_number).toBe(5);
    expect(rest.at(-1)?.type).toBe('response.completed');
    const helper = await client.responses.stream({ response_id: started, starting_after: cursor }).finalResponse();
    expect(helper.status).toBe('completed');

    await plan(`wait ${name}`, { kind: 'stuck', state: 'in_progress' });
    const waiting = await client.responses.create({ model, input: `wait ${name}`, background: true });
    expect((await client.responses.cancel(waiting.id)).status).toBe('cancelled');
    expect((await client.responses.cancel(waiting.id)).status).toBe('cancelled');
  });

  it('compacts a conversation and goes on from the window', async () => {
    const input = [
      { role: 'user' as const, content: 'My favourite colour is teal.' },
      { role: 'assistant' as const, content: 'Noted.' },
    ];
    const window = await client.responses.compact({ model, input });
    expect(window.object).toBe('response.compaction');
    const next = await client.responses.create({
      model,
      input: [
        ...window.output,
        { role: 'user', content: 'What is my favourite colour?' },
      ] as OpenAI7.Responses.ResponseInput,
    });
    expect(next.output_text).toContain('teal');
    expect((await client.responses.inputTokens.count({ model, input: 'Hello' })).input_tokens).toBeGreaterThan(0);
  });

  it('repeats what was throttled, and gets what was refused as an error with its code', async () => {
    await plan(`throttled ${name}`, { kind: 'throttle', retryAfterMs: 1 });
    const made = await client.responses.create({ model, input: `Say throttled ${name}` });
    expect(made.status).toBe('completed');
    await expect(
      client.responses.create({ model, input: 'x', previous_response_id: 'resp_none' }),
    ).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
      type: 'invalid_request_error',
      requestID: expect.any(String),
    });
  });

  it('parses an answer to its schema', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, people: { type: 'integer' } },
      required: ['city', 'people'],
      additionalProperties: false,
    };
    const made = await client.responses.parse({
      model,
      input: 'Paris has 2000000 people.',
      text: { format: { type: 'json_schema', name: 'city', strict: true, schema } },
    });
    expect(made.output_parsed).toMatchObject({ city: expect.any(String), people: expect.any(Number) });
  });
});

describe('the AzureOpenAI class', () => {
  it('works with an endpoint, on the dated path', async () => {
    const client = new AzureOpenAI({ endpoint: azure.address, apiKey: 'key', apiVersion: '2025-04-01-preview' });
    const made = await client.responses.create({ model, input: 'Hello' });
    expect((await client.responses.retrieve(made.id)).id).toBe(made.id);
  });

  it('works with a base URL', async () => {
    const client = new AzureOpenAI({ baseURL: `${azure.address}/openai/v1`, apiKey: 'key', apiVersion: 'preview' });
    expect((await client.responses.create({ model, input: 'Hello' })).status).toBe('completed');
  });
});
