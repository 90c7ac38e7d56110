import { beforeEach, describe, expect, test } from 'vitest';
import { Talk } from './turns.ts';

const orders = {
  type: 'function',
  name: 'list_open_orders',
  description: 'List open orders for a customer.',
  defer_loading: true,
  parameters: { type: 'object', properties: { customer_id: { type: 'string' } }, required: ['customer_id'] },
};
const notes = { type: 'function', name: 'add_note', description: 'Add a note about a customer.', parameters: {} };
const crm = { type: 'namespace', name: 'crm', description: 'Customer and order management.', tools: [orders, notes] };
const weather = {
  type: 'function',
  name: 'get_weather',
  description: 'Get the weather in a city.',
  defer_loading: true,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const search = { type: 'tool_search' };

let talk: Talk;
beforeEach(() => {
  talk = new Talk();
});

describe('a namespace', () => {
  test('gives its tools their surname', async () => {
    const { items } = await talk.send({ input: 'Add a note about the customer.', tools: [{ ...crm, tools: [notes] }] });
    expect(items).toMatchObject([{ type: 'function_call', name: 'add_note', namespace: 'crm' }]);
  });

  test('tells tools of one name apart', async () => {
    const tools = [
      { ...crm, tools: [notes] },
      { ...crm, name: 'wiki', description: 'Articles.', tools: [notes] },
    ];
    const choice = { type: 'function', name: 'add_note' };
    const { items } = await talk.send({ input: 'Hi', tools, tool_choice: choice });
    expect(items.map((item) => item['namespace'])).toEqual(['crm', 'wiki']);
  });
});

describe('a search by the service', () => {
  test('finds what is deferred, and only then it is called', async () => {
    const { items } = await talk.send({
      input: 'List the open orders of customer "C-1".',
      tools: [crm, weather, search],
    });
    expect(items).toMatchObject([
      { type: 'tool_search_call', execution: 'server', call_id: null, arguments: { paths: ['crm'] } },
      { type: 'tool_search_output', execution: 'server', call_id: null, tools: [{ name: 'crm', tools: [orders] }] },
      { type: 'function_call', name: 'list_open_orders', namespace: 'crm' },
    ]);
    expect(items[1]?.['tools']).toEqual([{ ...crm, tools: [orders] }]);
  });

  test('gives a function outside of a namespace its own name as one', async () => {
    const { items } = await talk.send({ input: 'What is the weather in Rome?', tools: [weather, search] });
    expect(items.at(-1)).toMatchObject({ name: 'get_weather', namespace: 'get_weather' });
  });

  test('is not made for what it has found before, or when nothing deferred fits', async () => {
    const tools = [weather, search];
    const first = await talk.send({ input: 'What is the weather in Rome?', tools });
    const call_id = first.items.at(-1)?.['call_id'];
    const told = await talk.send({ input: [{ type: 'function_call_output', call_id, output: 'Sunny' }], tools });
    expect(told.types).toEqual(['message']);
    expect((await talk.send({ input: 'And the weather in Oslo?', tools })).types).toEqual(['function_call']);
    expect((await new Talk().send({ input: 'Say hello', tools })).types).toEqual(['message']);
  });

  test('costs less than the whole tools', async () => {
    const input = 'Say hello';
    const [open, deferred] = [{ ...weather, defer_loading: false }, weather];
    const [all, less] = await Promise.all(
      [open, deferred].map((tool) => new Talk().send({ input, tools: [tool, search] })),
    );
    expect(less?.outcome.usage.input_tokens).toBeLessThan(all?.outcome.usage.input_tokens ?? 0);
  });
});

describe('a search by the caller', () => {
  const parameters = { type: 'object', properties: { goal: { type: 'string' } }, required: ['goal'] };
  const own = {
    ...search,
    execution: 'client',
    description: 'Find tools for the weather in a city, and more.',
    parameters,
  };

  test('ends the turn; what the caller has found is called in the next', async () => {
    const tools = [own];
    const first = await talk.send({ input: 'What is the weather in the city of Rome?', tools });
    expect(first.items).toMatchObject([
      { type: 'tool_search_call', execution: 'client', call_id: expect.stringMatching(/^call_/) as string },
    ]);
    expect(first.items[0]?.['arguments']).toHaveProperty('goal');
    const found = {
      type: 'tool_search_output',
      execution: 'client',
      call_id: first.items[0]?.['call_id'],
      tools: [{ ...weather, defer_loading: undefined }],
    };
    const second = await talk.send({ input: [found], tools });
    expect(second.items).toMatchObject([{ type: 'function_call', name: 'get_weather' }]);
    expect(second.items[0]).not.toHaveProperty('namespace');
  });
});

test('tools that an item brings may be called from there on', async () => {
  const brought = { type: 'additional_tools', role: 'developer', tools: [{ ...weather, defer_loading: undefined }] };
  await talk.send({ input: [brought, { role: 'user', content: 'Say hello' }] });
  expect((await talk.send('What is the weather in Rome?')).types).toEqual(['function_call']);
});
