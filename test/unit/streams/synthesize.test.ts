import { describe, expect, it } from 'vitest';
import { dataOf } from '../../../src/streams/frames.ts';
import { synthesize } from '../../../src/streams/synthesize.ts';
import { StreamOrder } from '../../support/answers/stream-order.ts';
import { issuesOf } from '../../support/answers/wire.ts';
import { streamEvent } from '../../support/answers/wire-events.ts';

const text = (value: string, more = {}) => ({
  type: 'output_text',
  text: value,
  annotations: [],
  logprobs: [],
  ...more,
});
const message = (...content: object[]) => ({ type: 'message', role: 'assistant', status: 'completed', content });
const citation = { type: 'container_file_citation', container_id: 'c', file_id: 'f', filename: 'a.csv' };
const call = {
  server_label: 's',
  name: 'f',
  arguments: '{"a":1}',
  output: null,
  error: null,
  approval_request_id: null,
  status: 'completed',
};
const calling = { ...call, arguments: '', status: 'in_progress' };

const byService = { call_id: null, execution: 'server' };

/** An item of each type that can be finished, and what may stand in its announcement beside id, type and status. */
const items: [name: string, item: { type: string } & Record<string, unknown>, announced: object][] = [
  ['a message', message(text('Hello.'), text('', {})), { role: 'assistant', content: [] }],
  ['a cited file', message(text('See it.', { annotations: [citation] })), { role: 'assistant', content: [] }],
  ['a refusal', message({ type: 'refusal', refusal: 'No.' }), { role: 'assistant', content: [] }],
  [
    'a thought',
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'x' },
    { summary: [], encrypted_content: 'x' },
  ],
  [
    'an open thought',
    { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
    { summary: [], content: [] },
  ],
  [
    'a function call',
    { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}', status: 'completed' },
    { call_id: 'c', name: 'f', arguments: '' },
  ],
  [
    'a call of a custom tool',
    { type: 'custom_tool_call', call_id: 'c', name: 'f', input: 'SELECT 1', status: 'completed' },
    { call_id: 'c', name: 'f', input: '' },
  ],
  [
    'code with its outputs',
    { type: 'code_interpreter_call', container_id: 'c', code: '1', outputs: [{ type: 'logs' }], status: 'completed' },
    { container_id: 'c', code: '', outputs: [] },
  ],
  [
    'code whose outputs nobody asked for',
    { type: 'code_interpreter_call', container_id: 'c', code: '1', outputs: null, status: 'completed' },
    { container_id: 'c', code: '', outputs: null },
  ],
  ['an image', { type: 'image_generation_call', result: 'aGk=', size: '1x1', status: 'generating' }, {}],
  [
    'a list of tools',
    { type: 'mcp_list_tools', server_label: 's', tools: [{ name: 'f', input_schema: {} }] },
    { server_label: 's', tools: [] },
  ],
  [
    'a list that failed',
    { type: 'mcp_list_tools', server_label: 's', tools: [], error: 'gone' },
    { server_label: 's', tools: [] },
  ],
  ['a remote call', { type: 'mcp_call', ...call, output: 'ok' }, calling],
  ['a remote call that failed', { type: 'mcp_call', ...call, error: 'no' }, calling],
  [
    'a request for approval',
    { type: 'mcp_approval_request', server_label: 's', name: 'f', arguments: '{"a":1}' },
    { server_label: 's', name: 'f', arguments: '{"a":1}' },
  ],
  [
    'a call of a computer',
    {
      type: 'computer_call',
      call_id: 'c',
      action: { type: 'screenshot' },
      pending_safety_checks: [],
      status: 'completed',
    },
    { call_id: 'c', action: { type: 'screenshot' }, pending_safety_checks: [] },
  ],
  ['a search', { type: 'web_search_call', action: { type: 'search', query: 'x' }, status: 'completed' }, {}],
  [
    'a search in files',
    { type: 'file_search_call', queries: ['x'], results: [{ file_id: 'f' }], status: 'completed' },
    { queries: [], results: null },
  ],
  ['a compaction', { type: 'compaction', encrypted_content: 'x' }, { encrypted_content: 'x' }],
  [
    'a search for tools',
    { type: 'tool_search_call', ...byService, arguments: { paths: ['a'] }, status: 'completed' },
    { ...byService, arguments: {} },
  ],
  [
    'tools that were found',
    { type: 'tool_search_output', ...byService, tools: [{ type: 'function', name: 'f' }], status: 'completed' },
    { ...byService, tools: [{ type: 'function', name: 'f' }] },
  ],
  ['an item from the future', { type: 'from_the_future', code: 'x', arguments: 'y' }, { code: 'x', arguments: 'y' }],
];

const eventsOf = (response: Record<string, unknown>) =>
  [...synthesize(response)].map(({ bytes }) => dataOf(bytes) ?? {});

describe('a stream made from a finished response', () => {
  it.each(items)('tells of %s as a recorded one does', (_, made, announced) => {
    const item = { id: 'item_1', ...made };
    const events = eventsOf({ id: 'resp_1', object: 'response', status: 'completed', output: [item] });
    const order = new StreamOrder();
    for (const event of events) order.take(event);
    expect([...order.faults, ...events.flatMap((event) => issuesOf(streamEvent.safeParse(event).error))]).toEqual([]);
    const begun = events.find(({ type }) => type === 'response.output_item.added');
    const status = 'status' in made ? { status: 'in_progress' } : {};
    expect(begun?.item).toEqual({ id: 'item_1', type: made.type, ...status, ...announced });
    expect(events.find(({ type }) => type === 'response.output_item.done')?.item).toEqual(item);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, index) => index));
  });

  it('ends as the response did, and tells of one that was cancelled as incomplete', () => {
    const endOf = (status: string) => eventsOf({ id: 'resp_1', object: 'response', status, output: [] }).at(-1)?.type;
    expect(['completed', 'failed', 'incomplete', 'cancelled'].map(endOf)).toEqual([
      'response.completed',
      'response.failed',
      'response.incomplete',
      'response.incomplete',
    ]);
  });

  it('says nothing where a text is empty', () => {
    const output = [{ id: 'msg_1', ...message(text('')) }];
    const types = eventsOf({ id: 'resp_1', object: 'response', status: 'completed', output }).map(({ type }) => type);
    expect(types).not.toContain('response.output_text.delta');
    expect(types).toContain('response.output_text.done');
  });
});
