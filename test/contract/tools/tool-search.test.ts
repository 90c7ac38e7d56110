import type OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { forget } from '../../support/forgetting.ts';
import { newCaller } from '../../support/world.ts';

/** Tools that are searched for before they are called, as Microsoft's page on tool search shows it. */
const endpoints = inject('endpoints');
const { client } = newCaller(endpoints);
const model = 'gpt-5.4';

const customer_id = { type: 'string' };
const orders = {
  type: 'function',
  name: 'list_open_orders',
  description: 'List open orders for a customer ID.',
  defer_loading: true,
  parameters: { type: 'object', properties: { customer_id }, required: ['customer_id'], additionalProperties: false },
} as const;
const crm: OpenAI.Responses.NamespaceTool = {
  type: 'namespace',
  name: 'crm',
  description: 'CRM tools for customer lookup and order management.',
  tools: [orders],
};
const tools: OpenAI.Responses.Tool[] = [crm, { type: 'tool_search' }];
const input = 'List the open orders of customer CUST-12345.';

const callIn = ({ output }: OpenAI.Responses.Response): OpenAI.Responses.ResponseFunctionToolCall => {
  const call = output.find((item) => item.type === 'function_call');
  if (call === undefined) throw new Error('Nothing was called.');
  return call;
};

describe('a search by the service', () => {
  it('is streamed, kept and listed like every other tool', async () => {
    const streamed = await client.responses.stream({ model, tools, input }).finalResponse();
    expect(streamed.output).toMatchObject([
      { type: 'tool_search_call', call_id: null, execution: 'server', arguments: { paths: ['crm'] } },
      { type: 'tool_search_output', call_id: null, execution: 'server', tools: [crm] },
      { type: 'function_call', name: 'list_open_orders', namespace: 'crm', arguments: '{"customer_id":"CUST-12345"}' },
    ]);
    const kept = await client.responses.retrieve(streamed.id);
    expect(kept.output).toEqual(streamed.output.map(({ ...item }) => withoutParsed(item)));
    expect(kept.tools).toMatchObject(tools);
  });

  it.each(['the chain goes on', 'the service has lost it'])('is followed by the answer when %s', async (how) => {
    const asked = await client.responses.create({ model, tools, input });
    if (how !== 'the chain goes on') await forget(endpoints, asked.id);
    const answer = await client.responses.create({
      model,
      tools,
      previous_response_id: asked.id,
      input: [{ type: 'function_call_output', call_id: callIn(asked).call_id, output: 'Order 42' }],
    });
    expect(answer.output_text).toContain('Order 42');
    const { data } = await client.responses.inputItems.list(answer.id, { order: 'asc' });
    expect(data.slice(1, 3)).toEqual(asked.output.slice(0, 2));
  });

  it('can be told by the caller, with nothing stored', async () => {
    const asked = await client.responses.create({ model, tools, input, store: false });
    const told = asked.output.map(({ ...item }) => item) as OpenAI.Responses.ResponseInput;
    const output = { type: 'function_call_output', call_id: callIn(asked).call_id, output: 'Order 42' } as const;
    const said = { role: 'user', content: input } as const;
    const answer = await client.responses.create({ model, tools, store: false, input: [said, ...told, output] });
    expect(answer.output_text).toContain('Order 42');
  });

  it('is refused where the model cannot', async () => {
    await expect(client.responses.create({ model: 'gpt-4.1', tools, input })).rejects.toMatchObject({ status: 400 });
  });
});

it('a search by the caller waits for what it finds', async () => {
  const search: OpenAI.Responses.ToolSearchTool = {
    type: 'tool_search',
    execution: 'client',
    description: 'Find tools for customers and their orders.',
    parameters: { type: 'object', properties: { goal: { type: 'string' } }, required: ['goal'] },
  };
  const asked = await client.responses.create({ model, tools: [search], input });
  expect(asked.output).toMatchObject([{ type: 'tool_search_call', execution: 'client' }]);
  const [call] = asked.output;
  if (call?.type !== 'tool_search_call') throw new Error('Nothing was searched for.');
  const found = { ...orders, defer_loading: undefined, strict: true };
  const next = await client.responses.create({
    model,
    tools: [search],
    previous_response_id: asked.id,
    input: [{ type: 'tool_search_output', call_id: call.call_id, execution: 'client', tools: [found] }],
  });
  expect(callIn(next)).toMatchObject({ name: 'list_open_orders', arguments: '{"customer_id":"CUST-12345"}' });
});

/** The SDK's helper adds a key to calls. */
function withoutParsed(item: object): object {
  return Object.fromEntries(Object.entries(item).filter(([key]) => key !== 'parsed_arguments'));
}
