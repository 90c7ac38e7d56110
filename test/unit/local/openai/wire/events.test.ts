import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Item } from '../../../../../local/openai/turn.ts';
import { isBody, saying, shapeOf, startSimulator, type Event, type Simulator } from './simulator.ts';

const text = (value: string, more = {}) => ({
  type: 'output_text',
  text: value,
  annotations: [],
  logprobs: [],
  ...more,
});
const message = (...content: object[]): Item => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content,
});
const item = (type: string, fields: object): Item => ({ id: `${type}_1`, type, ...fields });
/** What an MCP call has besides its arguments and what came of it. */
const MCP_CALL = { server_label: 's', name: 'f', approval_request_id: null };
const TOOL_SEARCH = { call_id: null, execution: 'server', status: 'completed' };

/** An item, and what happens between its two `output_item` events: the order of recorded streams. */
const orders: [name: string, item: Item, between: string[]][] = [
  [
    'text',
    message(text('Hello there, world.')),
    ['content_part.added', 'output_text.delta', 'output_text.done', 'content_part.done'],
  ],
  [
    'text with a citation',
    message(
      text('See the file.', { annotations: [{ type: 'file_citation', file_id: 'file-1', filename: 'a', index: 3 }] }),
    ),
    [
      'content_part.added',
      'output_text.delta',
      'output_text.annotation.added',
      'output_text.done',
      'content_part.done',
    ],
  ],
  [
    'a refusal',
    message({ type: 'refusal', refusal: 'I cannot do that.' }),
    ['content_part.added', 'refusal.delta', 'refusal.done', 'content_part.done'],
  ],
  ['reasoning without summary', item('reasoning', { summary: [] }), []],
  [
    'reasoning with a summary',
    item('reasoning', { summary: [{ type: 'summary_text', text: 'First think.' }] }),
    [
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
    ],
  ],
  [
    'a function call',
    item('function_call', { status: 'completed', call_id: 'call_1', name: 'f', arguments: '{"a":1}' }),
    ['function_call_arguments.delta', 'function_call_arguments.done'],
  ],
  [
    'a custom tool call',
    item('custom_tool_call', { status: 'completed', call_id: 'call_1', name: 'sql', input: 'SELECT 1' }),
    ['custom_tool_call_input.delta', 'custom_tool_call_input.done'],
  ],
  [
    'a code interpreter call',
    item('code_interpreter_call', { status: 'completed', container_id: 'cntr_1', code: 'print(1)', outputs: [] }),
    [
      'code_interpreter_call.in_progress',
      'code_interpreter_call_code.delta',
      'code_interpreter_call_code.done',
      'code_interpreter_call.interpreting',
      'code_interpreter_call.completed',
    ],
  ],
  [
    'an image',
    item('image_generation_call', { status: 'completed', result: 'aGk=' }),
    ['image_generation_call.in_progress', 'image_generation_call.generating', 'image_generation_call.completed'],
  ],
  [
    'a list of MCP tools',
    item('mcp_list_tools', { server_label: 's', tools: [] }),
    ['mcp_list_tools.in_progress', 'mcp_list_tools.completed'],
  ],
  [
    'a list of MCP tools that failed',
    item('mcp_list_tools', { server_label: 's', tools: [], error: 'gone' }),
    ['mcp_list_tools.in_progress', 'mcp_list_tools.failed'],
  ],
  [
    'an MCP call',
    item('mcp_call', { ...MCP_CALL, arguments: '{"a":1}', output: 'ok', error: null, status: 'completed' }),
    ['mcp_call.in_progress', 'mcp_call_arguments.delta', 'mcp_call_arguments.done', 'mcp_call.completed'],
  ],
  [
    'an MCP call that failed',
    item('mcp_call', { ...MCP_CALL, arguments: '{}', output: null, error: 'no', status: 'failed' }),
    ['mcp_call.in_progress', 'mcp_call_arguments.delta', 'mcp_call_arguments.done', 'mcp_call.failed'],
  ],
  ['an MCP approval request', item('mcp_approval_request', { server_label: 's', name: 'f', arguments: '{}' }), []],
  [
    'a computer call',
    item('computer_call', {
      call_id: 'call_1',
      status: 'completed',
      action: { type: 'screenshot' },
      pending_safety_checks: [],
    }),
    [],
  ],
  ['a compaction', item('compaction', { encrypted_content: 'x' }), []],
];

/** What the deltas of an event type add up to, by the item that they belong to. */
const joined = (events: readonly Event[], type: string): string =>
  events
    .filter((event) => event.type === type)
    .map(({ delta }) => String(delta))
    .join('');

let azure: Simulator;
let next: Item[] = [];
beforeAll(async () => {
  azure = await startSimulator({ think: saying(() => next) });
});
afterAll(() => azure.stop());

async function streamOf(items: Item[], body = {}): Promise<Event[]> {
  next = items;
  const { events } = await azure.stream('POST', '/responses', {
    model: 'gpt-4o',
    input: 'x',
    stream: true,
    include: ['code_interpreter_call.outputs'],
    ...body,
  });
  return events;
}

describe('a stream', () => {
  it.each(orders)('tells of %s in the recorded order', async (_name, made, between) => {
    const events = await streamOf([made]);
    expect(shapeOf(events)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      ...between,
      'output_item.done',
      'completed',
    ]);
    const [added, done] = [events[2], events.at(-2)];
    expect(added?.item).toMatchObject({ id: made.id, type: made.type });
    expect(done?.item).toEqual(made);
    expect(events.at(-1)?.response).toMatchObject({ status: 'completed', output: [made] });
  });

  it('numbers its events from 0 without a gap, and keeps one response id', async () => {
    const events = await streamOf(orders.map(([, made]) => made));
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    const ids = events.flatMap(({ response }) => (isBody(response) ? [response.id] : []));
    expect(new Set(ids).size).toBe(1);
    const places = events
      .filter((event) => event.type === 'response.output_item.done')
      .map((event) => event.output_index);
    expect(places).toEqual(orders.map((_, index) => index));
  });

  it('spells texts in deltas that add up', async () => {
    const long = 'Ein Text – mit Umlauten äöü,\n\n Zeilen, 日本語の文字 und 👍🏽 Zeichen.  Ende ';
    const events = await streamOf([message(text(long)), message({ type: 'refusal', refusal: long })]);
    expect(joined(events, 'response.output_text.delta')).toBe(long);
    expect(joined(events, 'response.refusal.delta')).toBe(long);
    expect(events.find((event) => event.type === 'response.output_text.done')?.text).toBe(long);
  });

  it.each([
    [
      item('mcp_call', { ...MCP_CALL, arguments: '{}', output: 'ok', error: null, status: 'completed' }),
      { arguments: '', output: null, error: null, approval_request_id: null },
    ],
    [item('tool_search_call', { ...TOOL_SEARCH, arguments: { paths: ['a'] } }), { arguments: {} }],
    [
      item('tool_search_output', { ...TOOL_SEARCH, tools: [{ type: 'function', name: 'f' }] }),
      { tools: [{ name: 'f' }] },
    ],
  ])('announces a $type as recorded', async (made, begun) => {
    const [, , added] = await streamOf([made]);
    expect(added?.item).toMatchObject({ ...begun, status: 'in_progress' });
  });

  it('pads its deltas, unless told not to', async () => {
    const padded = (await streamOf([message(text('one two three'))])).filter((event) => event.type.endsWith('.delta'));
    for (const { delta, obfuscation } of padded)
      expect((String(delta).length + String(obfuscation).length) % 16).toBe(0);
    const plain = await streamOf([message(text('one two three'))], { stream_options: { include_obfuscation: false } });
    expect(plain.some((event) => 'obfuscation' in event)).toBe(false);
  });

  it('names the function in its last arguments event', async () => {
    const events = await streamOf([
      item('function_call', { call_id: 'c', name: 'f', arguments: '{}', status: 'completed' }),
    ]);
    const done = events.find((event) => event.type === 'response.function_call_arguments.done');
    expect(done).toMatchObject({ item_id: 'function_call_1', name: 'f', arguments: '{}' });
  });

  it('leaves out what was not asked for, in the items as in the response', async () => {
    const secret = item('reasoning', { summary: [], encrypted_content: 'sealed' });
    const call = item('code_interpreter_call', {
      status: 'completed',
      container_id: 'c',
      code: '1',
      outputs: [{ type: 'logs', logs: 'hidden' }],
    });
    const events = await streamOf([secret, call], { include: [] });
    expect(JSON.stringify(events)).not.toMatch(/sealed|hidden/);
    const shown = await streamOf([secret, call], {
      include: ['reasoning.encrypted_content', 'code_interpreter_call.outputs'],
    });
    expect(shown.at(-1)?.response).toMatchObject({ output: [secret, call] });
  });

  it('carries 2,000 events', async () => {
    const words = Array.from({ length: 2_000 }, (_, index) => `word${index}`).join(' ');
    const events = await streamOf([message(text(words))]);
    expect(events.length).toBeGreaterThan(2_000);
    expect(joined(events, 'response.output_text.delta')).toBe(words);
  });
});

describe('the SDK helper', () => {
  it('reads every kind of item', async () => {
    next = orders.map(([, made], index) => ({ ...made, id: `${made.type}_${index}` }));
    const final = await azure.client.responses.stream({ model: 'gpt-4o', input: 'x' }).finalResponse();
    expect(final.status).toBe('completed');
    expect(final.output.map(({ type }) => type)).toEqual(next.map(({ type }) => type));
  });
});
