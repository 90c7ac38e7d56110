import type OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { rawCaller } from '../../support/raw.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const { client, key } = newCaller(endpoints);
const model = 'gpt-4.1';
type Input = OpenAI.Responses.ResponseInput;

describe('reasoning', () => {
  it('thinks with the effort and the summary that were asked for', async () => {
    const reasoning = { effort: 'low' as const, summary: 'auto' as const };
    const made = await client.responses.create({ model: 'o4-mini', reasoning, input: 'Think about rain.' });
    expect(made.reasoning).toMatchObject({ effort: 'low' });
    const [thought] = made.output;
    expect(thought).toMatchObject({ type: 'reasoning', summary: [{ type: 'summary_text' }] });
    expect(thought).not.toHaveProperty('encrypted_content');
    expect(made.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
  });

  it('is carried through a stored chain, and replayed by hand with its seal', async () => {
    const include = ['reasoning.encrypted_content' as const];
    const first = await client.responses.create({ model: 'o4-mini', include, input: 'My name is Ada.' });
    expect(first.output[0]).toMatchObject({ encrypted_content: expect.any(String) });
    const input: Input = [
      { role: 'user', content: 'My name is Ada.' },
      ...(first.output as Input),
      { role: 'user', content: 'What is my name?' },
    ];
    const replayed = await client.responses.create({ model: 'o4-mini', include, input, store: false });
    expect(replayed.output_text).toContain('Ada');
    const spoilt = input.map((item) =>
      item.type === 'reasoning' ? { ...item, encrypted_content: 'gAAAA-spoilt' } : item,
    );
    await expect(client.responses.create({ model: 'o4-mini', input: spoilt })).rejects.toMatchObject({
      status: 400,
      code: 'invalid_encrypted_content',
    });
  });
});

describe('the text of an answer', () => {
  it('fits a schema, and the SDK parses it', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, people: { type: 'integer' } },
      required: ['city', 'people'],
      additionalProperties: false,
    };
    const text = { format: { type: 'json_schema' as const, name: 'city', strict: true, schema } };
    const made = await client.responses.parse({ model, input: 'Oslo has 700000 people.', text });
    expect(made.output_parsed).toEqual({ city: 'Oslo', people: 700_000 });
    expect(made.text).toMatchObject(text);
  });

  it('comes with its log probabilities when they are included', async () => {
    const include = ['message.output_text.logprobs' as const];
    const made = await client.responses.create({ model, input: 'Say: one two', include, top_logprobs: 2 });
    const [item] = made.output;
    const part = item?.type === 'message' ? item.content[0] : undefined;
    expect(part?.type === 'output_text' ? part.logprobs?.length : 0).toBeGreaterThan(0);
    expect((await client.responses.retrieve(made.id)).output).toEqual(made.output);
  });

  it('is incomplete when it may not be longer, streamed or not', async () => {
    const body = { model, input: 'Write 500 words about rain.', max_output_tokens: 20 };
    const made = await client.responses.create(body);
    const streamed = await client.responses.stream(body).finalResponse();
    for (const response of [made, streamed]) {
      expect(response.status).toBe('incomplete');
      expect(response.incomplete_details?.reason).toBe('max_output_tokens');
      expect((await client.responses.retrieve(response.id)).status).toBe('incomplete');
    }
    const next = await client.responses.create({ model, input: 'continue', previous_response_id: made.id });
    expect(next.status).toBe('completed');
  });

  it('is some JSON object, when that is asked for', async () => {
    const text = { format: { type: 'json_object' as const } };
    const made = await client.responses.create({ model, input: 'Answer in JSON: Ada is 36 years old.', text });
    expect(JSON.parse(made.output_text)).toBeTypeOf('object');
    await expect(client.responses.create({ model, input: 'Ada is 36.', text })).rejects.toMatchObject({ status: 400 });
  });

  it('can be a refusal', async () => {
    const final = await client.responses.stream({ model, input: 'refuse to answer' }).finalResponse();
    expect(final.output).toMatchObject([{ type: 'message', content: [{ type: 'refusal' }] }]);
  });
});

describe('fields', () => {
  it('are echoed, kept, and absent where they were absent', async () => {
    const caller = rawCaller(endpoints, key);
    const fields = {
      instructions: 'Answer in one word.',
      metadata: { ticket: '42' },
      temperature: 0.5,
      top_p: 0.9,
      truncation: 'auto',
      service_tier: 'default',
      prompt_cache_key: 'pck',
      safety_identifier: 'sid',
      user: 'u-1',
      max_tool_calls: 3,
      stream_options: undefined,
      from_the_future: { deep: [null, { key: 1 }] },
    };
    const { body: made } = await caller.call('POST', '/responses', { model, input: 'hi', ...fields });
    expect(made).toMatchObject(JSON.parse(JSON.stringify(fields)) as object);
    expect((await caller.call('GET', `/responses/${String(made.id)}`)).body).toEqual(made);
    expect(made).not.toHaveProperty('output_text');
  });

  it.each(['plain', 'streamed', 'in the background'])(
    'that are new, or that only the page on models explains, reach the service as they came: %s',
    async (form) => {
      const azure = steer(endpoints);
      const caller = rawCaller(endpoints, key);
      const how = { stream: form === 'streamed', background: form === 'in the background' };
      // Create fields of the SDK 7.59 that no other test sends.
      const fields = {
        access_programs: { cyber: 'standard' },
        background_options: { completion_window: '2h', continuation_id: 'c-1' },
        image: { context_compression: 'auto' },
        moderation: { model: 'omni-moderation-latest' },
        prompt_cache_options: { mode: 'implicit', ttl: '30m' },
        prompt_cache_retention: '24h',
        reasoning: { effort: 'low', summary: 'concise', context: 'auto', mode: 'standard' },
        text: { format: { type: 'text' }, verbosity: 'low' },
        parallel_tool_calls: false,
        tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'web_search' }] },
        tools: [{ type: 'web_search', filters: { allowed_domains: ['a.example'] }, search_context_size: 'low' }],
      };
      const body = { model: 'o4-mini', input: azure.marker, ...fields };
      const answer = await caller.open('POST', '/responses', { ...body, ...how });
      const id = /resp_[0-9a-f]{48}/.exec(await answer.text())?.[0] ?? '';
      expect((await azure.requests())[0]?.body).toMatchObject({ ...body, input: expect.anything() as unknown });
      await expect
        .poll(async () => (await caller.call('GET', `/responses/${id}`)).body.status, { timeout: 15_000 })
        .toBe('completed');
      expect((await caller.call('GET', `/responses/${id}`)).body).toMatchObject(fields);
    },
  );

  it('of the header are the gateway’s own business: the service sees nothing of the caller’s', async () => {
    const azure = steer(endpoints);
    const headers = {
      'openai-organization': 'org-1',
      'openai-project': 'proj-1',
      'openai-beta': 'responses_multi_agent=v1',
      'x-stainless-retry-count': '2',
      'x-ms-client-request-id': 'mine',
      cookie: 'a=b',
    };
    await rawCaller(endpoints, key).call('POST', '/responses', { model, input: azure.marker }, headers);
    const [sent] = await azure.requests();
    const seen = Object.entries(sent?.headers ?? {}).map(([name, value]) => `${name}: ${String(value)}`);
    expect(seen.filter((line) => /org-1|proj-1|multi_agent|count: 2|mine|a=b/.test(line))).toEqual([]);
  });

  it('a phase and other keys of an output item survive being sent back', async () => {
    const caller = rawCaller(endpoints, key);
    const earlier = {
      type: 'message',
      role: 'assistant',
      status: 'completed',
      phase: 'final_answer',
      from_the_future: 1,
      content: [{ type: 'output_text', text: 'Noted.', annotations: [] }],
    };
    const input = [{ role: 'user', content: 'a' }, earlier, { role: 'user', content: 'b' }];
    const { body } = await caller.call('POST', '/responses', { model, input });
    const { body: items } = await caller.call('GET', `/responses/${String(body.id)}/input_items?order=asc`);
    expect(items.data?.[1]).toMatchObject({ phase: 'final_answer', from_the_future: 1 });
  });

  it('instructions are not carried over', async () => {
    const first = await client.responses.create({ model, input: 'Hello', instructions: 'Answer in upper case.' });
    expect(first.output_text).toBe(first.output_text.toUpperCase());
    const second = await client.responses.create({ model, input: 'Hello', previous_response_id: first.id });
    expect(second.instructions).toBeNull();
    expect(second.output_text).not.toBe(second.output_text.toUpperCase());
  });

  it('tokens of a context are counted without an answer', async () => {
    const first = await client.responses.create({ model, input: 'word '.repeat(300) });
    const alone = await client.responses.inputTokens.count({ model, input: 'Hello' });
    const chained = await client.responses.inputTokens.count({ model, input: 'Hello', previous_response_id: first.id });
    expect(chained.input_tokens).toBeGreaterThan(alone.input_tokens + 300);
  });
});
