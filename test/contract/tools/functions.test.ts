import type OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const { client } = newCaller(endpoints);
const model = 'gpt-4.1';
type Input = OpenAI.Responses.ResponseInput;

const location = { type: 'string', description: 'City' };
const weather: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'get_weather',
  description: 'Get the weather for a location',
  parameters: { type: 'object', properties: { location }, required: ['location'], additionalProperties: false },
  strict: true,
};
const time: OpenAI.Responses.FunctionTool = { ...weather, name: 'get_time', description: 'Get the time in a location' };

const callsIn = (response: OpenAI.Responses.Response) =>
  response.output.filter((item) => item.type === 'function_call');

describe('function tools', () => {
  it('are called in parallel, and their outputs are answered, in a stored chain', async () => {
    const asked = await client.responses.create({
      model,
      tools: [weather],
      input: 'What is the weather in Paris and in Oslo?',
    });
    const calls = callsIn(asked);
    expect(calls.map((call) => JSON.parse(call.arguments) as unknown)).toEqual([
      { location: 'Paris' },
      { location: 'Oslo' },
    ]);
    const input: Input = calls.map(({ call_id }, index) => ({
      type: 'function_call_output',
      call_id,
      output: index === 0 ? 'sunny, 21 C' : 'rain, 9 C',
    }));
    const answer = await client.responses.create({ model, tools: [weather], previous_response_id: asked.id, input });
    expect(answer.output_text).toContain('21 C');
    expect(answer.output_text).toContain('9 C');
    const items = await client.responses.inputItems.list(answer.id, { order: 'asc' });
    expect(items.data.map(({ type }) => type)).toEqual([
      'message',
      'function_call',
      'function_call',
      'function_call_output',
      'function_call_output',
    ]);
  });

  it('make one call at a time when that is asked for', async () => {
    const asked = await client.responses.create({
      model,
      tools: [weather],
      input: 'What is the weather in Paris and in Oslo?',
      parallel_tool_calls: false,
    });
    expect(callsIn(asked)).toHaveLength(1);
    expect(asked.parallel_tool_calls).toBe(false);
  });

  it.each([
    ['none', 'none', []],
    ['auto', 'auto', ['get_weather']],
    ['required', 'required', ['get_weather']],
    ['one function', { type: 'function', name: 'get_time' }, ['get_time']],
    [
      'a list of allowed tools',
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'get_time' }] },
      ['get_time'],
    ],
  ] as const)('obey tool_choice: %s', async (_, choice, names) => {
    const tool_choice = choice as OpenAI.Responses.ResponseCreateParams['tool_choice'];
    const asked = await client.responses.create({
      model,
      tools: [weather, time],
      tool_choice,
      input: 'What is the weather in Paris?',
    });
    expect(callsIn(asked).map(({ name }) => name)).toEqual(names);
    expect(asked.tool_choice).toEqual(choice);
    expect((await client.responses.retrieve(asked.id)).tool_choice).toEqual(choice);
  });

  it('refuse a strict schema that is none, naming the field', async () => {
    const wrong = { ...weather, parameters: { type: 'object', properties: { location } } };
    await expect(client.responses.create({ model, tools: [wrong], input: 'x' })).rejects.toMatchObject({
      status: 400,
      code: 'invalid_function_parameters',
    });
  });

  it('stream their arguments', async () => {
    const stream = client.responses.stream({ model, tools: [weather], input: 'What is the weather in Paris?' });
    let typed = '';
    stream.on('response.function_call_arguments.delta', ({ delta }) => (typed += delta));
    const [call] = callsIn(await stream.finalResponse());
    expect(call?.arguments).toBe(typed);
  });

  it('may have words in their schemas that name things elsewhere', async () => {
    const properties = {
      file_id: { type: 'string', default: 'file-1' },
      container_id: { type: 'string', enum: ['c-1'] },
    };
    const parameters = { type: 'object', properties, examples: [{ file_id: 'file-9', container_id: 'c-1' }] };
    const tool = { ...weather, name: 'open_file', description: 'Open a file', strict: false, parameters };
    const made = await client.responses.create({ model, tools: [tool], input: 'Hello' });
    expect(made.tools).toMatchObject([{ parameters }]);
  });

  it('refuse an output without its call', async () => {
    const input: Input = [{ type: 'function_call_output', call_id: 'call_none', output: 'x' }];
    await expect(client.responses.create({ model, input })).rejects.toMatchObject({ status: 400 });
  });
});

describe('custom tools', () => {
  it('get free text, keep to a grammar, and are answered', async () => {
    const tool: OpenAI.Responses.CustomTool = {
      type: 'custom',
      name: 'run_query',
      description: 'Run a database query',
      format: { type: 'grammar', syntax: 'regex', definition: 'SELECT [a-z]+ FROM [a-z]+' },
    };
    const asked = await client.responses.create({
      model,
      tools: [tool],
      tool_choice: { type: 'custom', name: 'run_query' },
      input: 'Run a query for the customers.',
    });
    const call = asked.output.find((item) => item.type === 'custom_tool_call');
    expect(call?.input).toMatch(/^SELECT [a-z]+ FROM [a-z]+$/);
    const answer = await client.responses.create({
      model,
      tools: [tool],
      previous_response_id: asked.id,
      input: [{ type: 'custom_tool_call_output', call_id: call?.call_id ?? '', output: '3 customers' }],
    });
    expect(answer.output_text).toContain('3 customers');
  });
});
