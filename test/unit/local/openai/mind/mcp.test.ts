import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { listen } from '../../../../../local/kit/server.ts';
import { startMcpServer, type TestMcpServer } from '../../../../support/mcp-server.ts';
import { Talk, type Answer } from './turns.ts';

let server: TestMcpServer;
let guarded: TestMcpServer;
let talk: Talk;

beforeAll(async () => {
  server = await startMcpServer();
  guarded = await startMcpServer({ authorization: 'Bearer let-me-in' });
});
afterAll(() => Promise.all([server.stop(), guarded.stop()]));
beforeEach(() => {
  talk = new Talk();
  server.called.length = 0;
});

const mcp = (options: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: 'mcp',
  server_label: 'docs',
  server_url: server.url,
  require_approval: 'never',
  ...options,
});

const send = (input: unknown, tool = mcp(), rest: Record<string, unknown> = {}): Promise<Answer> =>
  talk.send({ input, tools: [tool], ...rest });

const QUESTION = 'What transport protocols are supported in the 2025-03-26 version of the MCP spec?';

test('lists the tools, calls the one that fits, answers from its output', async () => {
  const answer = await send(QUESTION);
  expect(answer.types).toEqual(['mcp_list_tools', 'mcp_call', 'message']);
  expect(answer.items[0]).toMatchObject({
    server_label: 'docs',
    tools: [{ name: 'search_docs' }, { name: 'roll' }, { name: 'delete_branch' }, { name: 'fail' }],
  });
  expect(answer.items[1]).toMatchObject({ name: 'search_docs', server_label: 'docs', status: 'completed' });
  expect(answer.items[1]).toMatchObject({ error: null, approval_request_id: null });
  expect(answer.text).toContain('stdio and Streamable HTTP');
});

test('fills numbers into the arguments', async () => {
  const answer = await send('Please roll 3 dice.');
  expect(answer.ofType('mcp_call')[0]).toMatchObject({ arguments: '{"count":3}', output: 'Rolled 3 dice: 4 4 4' });
});

test('uses the list that the conversation already holds', async () => {
  await send('Roll 1 dice.');
  const answer = await send('Roll 2 dice.');
  expect(answer.types).toEqual(['mcp_call', 'message']);
});

test('asks for approval by default, and calls once it is given', async () => {
  const tool = mcp({ require_approval: undefined });
  const asked = await send('What is this repo in 100 words?', tool);
  expect(asked.types).toEqual(['mcp_list_tools', 'mcp_approval_request']);
  const request = asked.items[1]!;
  expect(request['arguments']).toBeTypeOf('string');
  expect(server.called).toEqual([]);

  const answer = await send([{ type: 'mcp_approval_response', approve: true, approval_request_id: request.id }], tool);
  expect(answer.types).toEqual(['mcp_call', 'message']);
  expect(answer.items[0]).toMatchObject({ approval_request_id: request.id, name: request['name'] });
  expect(server.called).toEqual(['search_docs']);
});

test('does not call what was denied', async () => {
  const tool = mcp({ require_approval: 'always' });
  const asked = await send('Roll 2 dice.', tool);
  const id = asked.ofType('mcp_approval_request')[0]!.id;
  const answer = await send([{ type: 'mcp_approval_response', approve: false, approval_request_id: id }], tool);
  expect(answer.types).toEqual(['message']);
  expect(answer.text).toContain('not approved');
  expect(server.called).toEqual([]);
});

test('refuses the approval of something that was not asked', async () => {
  await expect(
    send([{ type: 'mcp_approval_response', approve: true, approval_request_id: 'mcpr_none' }]),
  ).rejects.toMatchObject({
    status: 400,
  });
});

test.each([
  [{ never: { tool_names: ['roll'] } }, 'mcp_call'],
  [{ never: { read_only: true } }, 'mcp_call'],
  [{ always: { tool_names: ['roll'] } }, 'mcp_approval_request'],
  [{ always: { tool_names: ['delete_branch'] } }, 'mcp_call'],
  [{ never: { tool_names: ['search_docs'] } }, 'mcp_approval_request'],
])('require_approval %j', async (require_approval, type) => {
  const answer = await send('Roll 2 dice.', mcp({ require_approval }));
  expect(answer.types[1]).toBe(type);
});

test.each([
  [['roll'], ['roll']],
  [{ tool_names: ['fail', 'roll'] }, ['roll', 'fail']],
  [{ read_only: true }, ['search_docs', 'roll']],
])('allowed_tools %j', async (allowed_tools, names) => {
  const answer = await send('Hello', mcp({ allowed_tools }));
  expect(answer.items[0]!['tools']).toMatchObject(names.map((name) => ({ name })));
});

test('a tool that fails leaves its error in the item', async () => {
  const answer = await send('Use the fail tool.', mcp(), {
    tool_choice: { type: 'mcp', server_label: 'docs', name: 'fail' },
  });
  expect(answer.ofType('mcp_call')[0]).toMatchObject({
    status: 'failed',
    error: { type: 'mcp_tool_execution_error', content: [{ type: 'text', text: 'It broke.' }] },
  });
  expect(answer.text).toContain('failed');
});

test('sends headers and authorization', async () => {
  const tool = mcp({ server_url: guarded.url, headers: { 'x-team': 'blue' }, authorization: 'let-me-in' });
  const answer = await send('Roll 2 dice.', tool);
  expect(answer.ofType('mcp_call')).toHaveLength(1);
  expect(guarded.seen.every((headers) => headers['x-team'] === 'blue')).toBe(true);
});

test('reaches a server of the older transport', async () => {
  const older = await startMcpServer({ sse: true });
  try {
    const answer = await send('Please roll 2 dice.', mcp({ server_url: older.url }));
    expect(answer.ofType('mcp_call')[0]).toMatchObject({ status: 'completed', output: 'Rolled 2 dice: 4 4' });
  } finally {
    await older.stop();
  }
});

test('a server that lets nobody in fails the request as the service does', async () => {
  await expect(send('Roll 2 dice.', mcp({ server_url: guarded.url }))).rejects.toMatchObject({
    status: 424,
    type: 'external_connector_error',
    message: expect.stringContaining('401') as string,
  });
});

test('who streams sees the failed list first', async () => {
  const gone = await listen((_request, response) => void response.writeHead(500).end());
  await gone.stop();
  const turn = talk.turn({ input: 'Hi', stream: true, tools: [mcp({ server_url: gone.address })] });
  const { think } = await import('../../../../../local/openai/mind/think.ts');
  const thinking = think(turn);
  const first = await thinking.next();
  expect(first.value).toMatchObject({
    type: 'mcp_list_tools',
    tools: [],
    error: expect.stringContaining('docs') as string,
  });
  await expect(thinking.next()).rejects.toMatchObject({ status: 424 });
});

test('answers by itself what needs no tool', async () => {
  const answer = await send('What is 2 + 2?');
  expect(answer.types).toEqual(['mcp_list_tools', 'message']);
});
