import { expect, test } from 'vitest';
import { dataUri, pngOf } from '../../../../support/pictures.ts';
import { Talk } from './turns.ts';

const WEATHER = {
  type: 'function',
  name: 'get_weather',
  description: 'Get weather for a location',
  parameters: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
};
const EMAIL = {
  type: 'function',
  name: 'send_email',
  description: 'Send an email to a person',
  parameters: {
    type: 'object',
    properties: { to: { type: 'string', format: 'email' }, subject: { type: 'string' }, urgent: { type: 'boolean' } },
    required: ['to', 'subject', 'urgent'],
    additionalProperties: false,
  },
  strict: true,
};
const tools = [WEATHER, EMAIL];

const calls = async (input: string, request: Record<string, unknown> = {}): Promise<[unknown, unknown][]> => {
  const answer = await new Talk().send({ input, tools, ...request });
  return answer.ofType('function_call').map((call) => [call['name'], JSON.parse(String(call['arguments'])) as unknown]);
};

test('calls the function that fits and answers from its output', async () => {
  const talk = new Talk();
  const first = await talk.send({ input: 'What is the weather in San Francisco?', tools: [WEATHER] });
  expect(first.types).toEqual(['function_call']);
  const call = first.items[0]!;
  expect(call).toMatchObject({ name: 'get_weather', arguments: '{"location":"San Francisco"}', status: 'completed' });
  const output = JSON.stringify({ location: 'San Francisco', temperature: '70 F' });
  const last = await talk.send({
    input: [{ type: 'function_call_output', call_id: call['call_id'], output }],
    tools: [WEATHER],
  });
  expect(last.types).toEqual(['message']);
  expect(last.text).toBe('get_weather: location San Francisco, temperature 70 F');
});

test('calls in parallel for several places', async () => {
  expect(await calls('How is the weather in Paris, London and San Jose, CA?')).toEqual([
    ['get_weather', { location: 'Paris' }],
    ['get_weather', { location: 'London' }],
    ['get_weather', { location: 'San Jose, CA' }],
  ]);
});

test('understands "in Paris and in London"', async () => {
  const made = await calls('What is the weather in Paris and in London today?');
  expect(made.map(([, input]) => input)).toEqual([{ location: 'Paris' }, { location: 'London' }]);
});

test('calls one after the other when parallel calls are off', async () => {
  const talk = new Talk();
  const request = { tools, parallel_tool_calls: false };
  let answer = await talk.send({ input: 'How is the weather in Paris and London?', ...request });
  const asked = [];
  while (answer.ofType('function_call').length === 1) {
    const call = answer.items[0]!;
    asked.push(call['arguments']);
    answer = await talk.send({
      input: [{ type: 'function_call_output', call_id: call['call_id'], output: 'sunny' }],
      ...request,
    });
  }
  expect(asked).toEqual(['{"location":"Paris"}', '{"location":"London"}']);
  expect(answer.text).toBe('get_weather: sunny\nget_weather: sunny');
});

test('two functions for two wishes', async () => {
  expect(await calls('Get the weather in Rome and send an urgent email to bob@example.com, subject: Trip')).toEqual([
    ['get_weather', { location: 'Rome' }],
    ['send_email', { to: 'bob@example.com', subject: 'Trip', urgent: true }],
  ]);
});

test('calls nothing when nothing fits, or when it must not', async () => {
  expect(await calls('Tell me a joke.')).toEqual([]);
  expect(await calls('What is the weather in Rome?', { tool_choice: 'none' })).toEqual([]);
  expect(await calls('Reply with exactly: weather')).toEqual([]);
});

test.each([
  ['required', 'get_weather'],
  [{ type: 'function', name: 'send_email' }, 'send_email'],
  [{ type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'send_email' }] }, 'send_email'],
])('tool_choice %j calls whatever the text says', async (tool_choice, name) => {
  expect((await calls('Hello there', { tool_choice })).map(([called]) => called)).toEqual([name]);
});

test('a tool that is not allowed is not called, however well it fits', async () => {
  const tool_choice = { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'send_email' }] };
  expect(await calls('What is the weather in Rome?', { tool_choice })).toEqual([]);
});

test('takes arguments that are spelled out', async () => {
  expect(await calls('Call get_weather({"location": "Ulm"})')).toEqual([['get_weather', { location: 'Ulm' }]]);
});

test('custom tools get text, or text of their grammar', async () => {
  const custom = (format?: Record<string, unknown>) => ({
    type: 'custom',
    name: 'code_exec',
    description: 'Runs code',
    format,
  });
  const grammar = (syntax: string, definition: string) => custom({ type: 'grammar', syntax, definition });
  const input = async (tool: Record<string, unknown>): Promise<unknown> => {
    const answer = await new Talk().send({ input: 'Use code_exec to print "hello 42"', tools: [tool] });
    expect(answer.types).toEqual(['custom_tool_call']);
    return answer.items[0]!['input'];
  };
  expect(await input(custom())).toBe('hello 42');
  expect(await input(grammar('regex', '^\\d{2}$'))).toBe('42');
  expect(
    await input(
      grammar('lark', 'start: expr\nexpr: term (SP ADD SP term)* -> add\nterm: INT\nSP: " "\nADD: "+"\nINT: /[0-9]+/'),
    ),
  ).toBe('0');
});

test('ends with an answer in the words that were ordered', async () => {
  const talk = new Talk();
  const first = await talk.send({ input: 'Call get_weather for Rome, then reply with exactly: DONE', tools });
  const call_id = first.ofType('function_call')[0]!['call_id'];
  const last = await talk.send({ input: [{ type: 'function_call_output', call_id, output: 'ok' }], tools });
  expect(last.text).toBe('DONE');
});

test('sees the image that a function gives', async () => {
  const talk = new Talk();
  const picture = {
    type: 'function',
    name: 'get_picture',
    description: 'Get a picture by its name',
    parameters: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  };
  const first = await talk.send({ input: 'Delete nothing, but get the picture "red".', tools: [picture] });
  const [call] = first.ofType('function_call');
  expect(call).toMatchObject({ arguments: '{"name":"red"}' });
  const image_url = dataUri(pngOf(40, 30, [200, 0, 0]), 'image/png');
  const output = [
    { type: 'input_text', text: 'Here it is.' },
    { type: 'input_image', image_url },
  ];
  const last = await talk.send({ input: [{ type: 'function_call_output', call_id: call?.['call_id'], output }] });
  expect(last.text).toBe('get_picture: Here it is. The image is a PNG of 40 x 30 pixels, mostly red.');
});
