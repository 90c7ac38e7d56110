import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startMcpServer, type TestMcpServer } from '../../support/mcp-server.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const { client } = newCaller(endpoints);
const model = 'gpt-4.1';
type Mcp = OpenAI.Responses.Tool.Mcp;

let server: TestMcpServer;
beforeAll(async () => {
  server = await startMcpServer();
});
afterAll(() => server.stop());

const docs = (more: Partial<Mcp> = {}): Mcp => ({
  type: 'mcp',
  server_label: 'docs',
  server_url: server.url,
  ...more,
});
const ask = (tool: Mcp, input = 'Search the docs for transports.') =>
  client.responses.create({ model, tools: [tool], input });
const typesOf = ({ output }: OpenAI.Responses.Response): string[] => output.map(({ type }) => type);

describe('approval of calls to remote MCP servers', () => {
  it.each([
    ['nothing said', undefined, 'mcp_approval_request'],
    ['always', 'always', 'mcp_approval_request'],
    ['never', 'never', 'mcp_call'],
    ['never for this tool', { never: { tool_names: ['search_docs'] } }, 'mcp_call'],
    ['always for this tool', { always: { tool_names: ['search_docs'] } }, 'mcp_approval_request'],
    ['never for what only reads', { never: { read_only: true } }, 'mcp_call'],
  ] as const)('%s', async (_, approval, type) => {
    const require_approval = approval as Mcp['require_approval'];
    expect(typesOf(await ask(docs({ require_approval })))).toContain(type);
  });

  it('a refused call is not made, and the answer goes on without it', async () => {
    const asked = await ask(docs());
    const request = asked.output.find((item) => item.type === 'mcp_approval_request');
    expect(request?.arguments).toEqual(expect.any(String));
    const before = server.called.length;
    const answer = await client.responses.create({
      model,
      tools: [docs()],
      previous_response_id: asked.id,
      input: [{ type: 'mcp_approval_response', approval_request_id: request?.id ?? '', approve: false, reason: 'no' }],
    });
    expect(answer.status).toBe('completed');
    expect(server.called).toHaveLength(before);
  });

  it('can be given by an item reference and without a chain, as the AI SDK does', async () => {
    const asked = await ask(docs());
    const request = asked.output.find((item) => item.type === 'mcp_approval_request');
    const answer = await client.responses.create({
      model,
      tools: [docs({ require_approval: 'never' })],
      input: [
        { role: 'user', content: 'Search the docs for transports.' },
        { type: 'item_reference', id: request?.id ?? '' },
        { type: 'mcp_approval_response', approval_request_id: request?.id ?? '', approve: true },
      ],
    });
    expect(typesOf(answer)).toContain('mcp_call');
  });

  it.each([
    [['roll'], ['roll']],
    [{ tool_names: ['roll'] }, ['roll']],
    [{ read_only: true }, ['search_docs', 'roll']],
  ])('only allowed tools are listed: %j', async (allowed_tools, names) => {
    const answer = await ask(docs({ allowed_tools, require_approval: 'never' }), 'Roll 3 dice.');
    const list = answer.output.find((item) => item.type === 'mcp_list_tools');
    expect(list?.tools.map(({ name }) => name)).toEqual(names);
    expect(answer.output_text).toContain('Rolled 3 dice');
  });

  it('a tool can be named in tool_choice', async () => {
    const answer = await client.responses.create({
      model,
      tools: [docs({ require_approval: 'never' })],
      tool_choice: { type: 'mcp', server_label: 'docs', name: 'roll' },
      input: 'Hello',
    });
    expect(answer.output.find((item) => item.type === 'mcp_call')).toMatchObject({ name: 'roll' });
    expect(answer.tool_choice).toEqual({ type: 'mcp', server_label: 'docs', name: 'roll' });
  });

  it('a call that fails at the server is an error in its item', async () => {
    const answer = await ask(docs({ require_approval: 'never' }), 'Call the tool fail.');
    const call = answer.output.find((item) => item.type === 'mcp_call');
    expect(call).toMatchObject({ name: 'fail', error: expect.anything() });
    expect(answer.status).toBe('completed');
  });

  it('the list is not asked for again in the next turn', async () => {
    const first = await ask(docs({ require_approval: 'never' }));
    const second = await client.responses.create({
      model,
      tools: [docs({ require_approval: 'never' })],
      input: 'Search the docs for authorization.',
      previous_response_id: first.id,
    });
    expect(typesOf(second)).not.toContain('mcp_list_tools');
  });
});
