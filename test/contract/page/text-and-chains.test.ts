import OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { CLIENTS } from '../../support/clients.ts';
import { newCaller } from '../../support/world.ts';

/** The examples of Microsoft's how-to page in its order, from the first text to function calling, with every client. */
const endpoints = inject('endpoints');
const model = 'gpt-4o';

describe.each(CLIENTS)('with %s', (_, make) => {
  const client = make(endpoints, newCaller(endpoints).key);

  it('generates a text response, retrieves it and deletes it', async () => {
    const made = await client.responses.create({ model, input: 'This is a test.' });
    expect(made).toMatchObject({ id: expect.stringMatching(/^resp_/), created_at: expect.any(Number) });
    expect(made.output_text).toBe('Great! How can I help you today?');
    expect(made._request_id).toEqual(expect.any(String));
    const read = await client.responses.retrieve(made.id);
    expect(read.output_text).toBe(made.output_text);
    const deleted: unknown = await (await client.responses.delete(made.id).asResponse()).json();
    expect(deleted).toMatchObject({ id: made.id, deleted: true });
    await expect(client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
  });

  it('chains responses together', async () => {
    const first = await client.responses.create({ model, input: 'Define catastrophic forgetting.' });
    const second = await client.responses.create({
      model,
      previous_response_id: first.id,
      input: 'Explain it for a college freshman.',
    });
    expect(second.previous_response_id).toBe(first.id);
    expect(second.output_text).toMatch(/catastrophic forgetting, in simple words/i);
  });

  it('chains responses manually', async () => {
    const inputs: OpenAI.Responses.ResponseInput = [
      { type: 'message', role: 'user', content: 'Define and explain the concept of catastrophic forgetting?' },
    ];
    const first = await client.responses.create({ model, input: inputs });
    inputs.push(...(first.output as OpenAI.Responses.ResponseInput));
    inputs.push({
      role: 'user',
      type: 'message',
      content: 'Explain this at a level that could be understood by a college freshman',
    });
    const second = await client.responses.create({ model, input: inputs });
    expect(second.output_text).toMatch(/catastrophic forgetting, in simple words/i);
    expect(second.previous_response_id).toBeNull();
  });

  it('streams', async () => {
    const stream = await client.responses.create({
      model,
      input: 'Summarize Azure OpenAI Responses API in one sentence.',
      stream: true,
    });
    const deltas: string[] = [];
    for await (const event of stream) if (event.type === 'response.output_text.delta') deltas.push(event.delta);
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.join('')).toMatch(/^[^.]*Responses API[^.]*\.$/);
  });

  it('calls functions', async () => {
    const response = await client.responses.create({
      model,
      tools: [WEATHER],
      input: 'What is the weather in San Francisco?',
    });
    const outputs: OpenAI.Responses.ResponseInput = response.output.flatMap((item) => {
      if (item.type !== 'function_call' || item.name !== 'get_weather') return [];
      const { location } = JSON.parse(item.arguments) as { location: string };
      const output = JSON.stringify({ location, temperature: '70 F' });
      return [{ type: 'function_call_output' as const, call_id: item.call_id, output }];
    });
    expect(outputs).toHaveLength(1);
    const final = await client.responses.create({ model, previous_response_id: response.id, input: outputs });
    expect(final.output_text).toContain('70 F');
  });
});

/** As on the page, which leaves `strict` out; the type of the package insists on it. */
const WEATHER = {
  type: 'function',
  name: 'get_weather',
  description: 'Get weather for a location',
  parameters: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
} as Partial<OpenAI.Responses.FunctionTool> as OpenAI.Responses.FunctionTool;

describe('the two ways to say who one is', () => {
  const { key } = newCaller(endpoints);
  const baseURL = `${endpoints.gateway}/openai/v1/`;
  const ask = (client: OpenAI) => client.responses.create({ model, input: 'This is a test.' });

  it('a token that a function gives, asked for with every request', async () => {
    let asked = 0;
    const apiKey = () => {
      asked += 1;
      return Promise.resolve(key);
    };
    const client = new OpenAI({ baseURL, apiKey });
    const { id } = await ask(client);
    expect((await client.responses.retrieve(id)).id).toBe(id);
    expect(asked).toBe(2);
  });

  it('none is 401; a name that is no deployment is 404', async () => {
    const nobody = new OpenAI({ baseURL, apiKey: ' ', maxRetries: 0 });
    await expect(ask(nobody)).rejects.toThrow(OpenAI.AuthenticationError);
    const { client } = newCaller(endpoints);
    await expect(client.responses.create({ model: 'MODEL_NAME', input: 'x' })).rejects.toMatchObject({
      status: 404,
      code: 'DeploymentNotFound',
    });
  });
});
