import { expect, it } from 'vitest';
import type { ChainRecord } from '../../../src/chains/record.ts';
import { createFinish } from '../../../src/responses/finish.ts';

const record: ChainRecord = {
  id: `resp_${'a'.repeat(48)}`,
  chainId: 'a'.repeat(24),
  kind: 'response',
  sort: '0',
  schema: 1,
  owner: 'ada',
  parentId: null,
  depth: 0,
  status: 'queued',
  createdAt: 1,
  updatedAt: 1,
  background: false,
  streamed: false,
  model: 'gpt-4.1',
  preview: '',
  request: { inline: {} },
  input: { inline: [] },
  envelope: { inline: {} },
  output: { inline: [] },
  itemIds: [],
  images: [],
  requestId: 'r',
  ttl: 1,
};

const finish = createFinish({
  endpoint: 'https://one.openai.azure.com',
  images: { takeOut: (_, output) => Promise.resolve({ output: [...output], images: [] }) },
});

it('adds no key to what the service said', async () => {
  const body = { id: 'resp_x', object: 'response', status: 'completed', novelty: null, output: [] };
  const finished = await finish(record, { body, requestId: null });
  expect(finished.record.envelope).toEqual({
    inline: { id: record.id, object: 'response', status: 'completed', novelty: null },
  });
});

it('keeps no secret of tools that the service found, and none of its ids', async () => {
  const theirs = `resp_${'b'.repeat(50)}`;
  const mcp = { type: 'mcp', server_label: 's', server_url: 'https://mcp.example/mcp?key=t0p', headers: { a: 'tok' } };
  const tools = [{ type: 'namespace', name: 'n', tools: [mcp] }];
  const found = { type: 'tool_search_output', id: 'tso_1', execution: 'server', created_by: theirs, tools };
  const body = { id: theirs, status: 'completed', output: [found] };
  const finished = await finish(record, { body, requestId: null });
  const kept = { ...mcp, server_url: 'https://mcp.example/mcp?***', headers: { a: '***' } };
  expect(finished.output).toEqual([
    { ...found, created_by: record.id, tools: [{ type: 'namespace', name: 'n', tools: [kept] }] },
  ]);
  expect(finished.record.output).toEqual({ inline: finished.output });
});
