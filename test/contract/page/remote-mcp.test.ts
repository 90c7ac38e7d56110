import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startMcpServer, type TestMcpServer } from '../../support/mcp-server.ts';
import { newCaller } from '../../support/world.ts';

/** Remote MCP servers, approvals and authentication, as on the how-to page. */
const endpoints = inject('endpoints');
const { client } = newCaller(endpoints);
const model = 'gpt-4.1';
const input = 'What transport protocols are supported in the 2025-03-26 version of the MCP spec?';

let open: TestMcpServer;
let locked: TestMcpServer;
beforeAll(async () => {
  open = await startMcpServer();
  locked = await startMcpServer({ authorization: 'Bearer mcp-token-1' });
});
afterAll(async () => {
  await Promise.all([open.stop(), locked.stop()]);
});

const github = (more: Partial<OpenAI.Responses.Tool.Mcp>): OpenAI.Responses.Tool.Mcp => ({
  type: 'mcp',
  server_label: 'github',
  server_url: open.url,
  ...more,
});

it('uses the tools of a server', async () => {
  const response = await client.responses.create({ model, tools: [github({ require_approval: 'never' })], input });
  expect(response.output.map(({ type }) => type)).toEqual(['mcp_list_tools', 'mcp_call', 'message']);
  expect(response.output_text).toContain('Streamable HTTP');
});

it('asks for approval by default, and calls once it is given', async () => {
  const before = open.called.length;
  const asked = await client.responses.create({ model, tools: [github({})], input });
  const request = asked.output.find((item) => item.type === 'mcp_approval_request');
  expect(request).toMatchObject({ id: expect.stringMatching(/^mcpr_/), server_label: 'github', name: 'search_docs' });
  expect(open.called).toHaveLength(before);
  const answered = await client.responses.create({
    model,
    tools: [github({ require_approval: 'never' })],
    previous_response_id: asked.id,
    input: [{ type: 'mcp_approval_response', approve: true, approval_request_id: request?.id ?? '' }],
  });
  expect(answered.output_text).toContain('Streamable HTTP');
  expect(open.called).toHaveLength(before + 1);
});

it('sends headers to the server, with the list and with the call', async () => {
  const tools = [github({ server_url: locked.url, headers: { Authorization: 'Bearer mcp-token-1' } })];
  const asked = await client.responses.create({ model, input: 'What is this repo in 100 words?', tools });
  const request = asked.output.find((item) => item.type === 'mcp_approval_request');
  expect(JSON.parse(request?.arguments ?? '')).toEqual({ query: 'What is this repo in 100 words?' });
  const answered = await client.responses.create({
    model,
    tools,
    previous_response_id: asked.id,
    input: [{ type: 'mcp_approval_response', approve: true, approval_request_id: request?.id ?? '' }],
  });
  expect(answered.output.map(({ type }) => type)).toContain('mcp_call');
  const refused = await client.responses
    .create({ model, input, tools: [github({ server_url: locked.url })] })
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({
    status: expect.any(Number) as number,
    message: expect.stringContaining('github') as string,
  });
});
