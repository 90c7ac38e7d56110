import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startMcpServer, type TestMcpServer } from '../../support/mcp-server.ts';
import { rawCaller } from '../../support/raw.ts';
import { newCaller, openDatabase } from '../../support/world.ts';

/** What callers put into MCP tools to get into other servers is handed on, and kept nowhere. */
const endpoints = inject('endpoints');

let server: TestMcpServer;
beforeAll(async () => {
  server = await startMcpServer();
});
afterAll(() => server.stop());

function plant() {
  const secret = {
    token: `tok-${randomUUID()}`,
    header: `hdr-${randomUUID()}`,
    query: `qry-${randomUUID()}`,
    path: `pth-${randomUUID()}`,
  };
  const tool = {
    type: 'mcp',
    server_label: 'docs',
    server_url: `${server.address}/s/${secret.path}/mcp?code=${secret.query}`,
    authorization: secret.token,
    headers: { 'x-api-key': secret.header },
    require_approval: 'never',
  };
  return { secrets: Object.values(secret), tool };
}

/** What the database holds of a response. */
async function recordOf(id: string): Promise<string> {
  const chains = (await openDatabase(endpoints)).container('chains');
  const { resources } = await chains.items
    .query({ query: 'SELECT * FROM c WHERE c.id = @id', parameters: [{ name: '@id', value: id }] })
    .fetchAll();
  expect(resources).toHaveLength(1);
  return JSON.stringify(resources);
}

const seenIn = (text: string, secrets: readonly string[]): string[] => secrets.filter((each) => text.includes(each));

describe('secrets of MCP tools', () => {
  const body = { model: 'gpt-4.1', input: 'Search the docs for transports.' };

  it.each(['plain', 'streamed', 'in the background', 'in the background, streamed'])(
    'reach the server, but no answer and no record: %s',
    async (form) => {
      const caller = rawCaller(endpoints, newCaller(endpoints).key);
      const { secrets, tool } = plant();
      const before = server.seen.length;
      const how = { stream: form.includes('streamed'), background: form.includes('background') };
      const answer = await caller.open('POST', '/responses', { ...body, ...how, tools: [tool] });
      const text = await answer.text();
      expect(answer.status).toBe(200);
      expect(seenIn(text, secrets)).toEqual([]);
      expect(text).toContain(`${server.address}/s/***/mcp`);
      const id = /resp_[0-9a-f]{48}/.exec(text)?.[0] ?? '';
      await expect
        .poll(async () => (await caller.call('GET', `/responses/${id}`)).body.status, { timeout: 15_000 })
        .toBe('completed');
      expect(
        server.seen.slice(before).some((headers) => headers.authorization === `Bearer ${tool.authorization}`),
      ).toBe(true);
      expect(server.seen.slice(before).some((headers) => headers['x-api-key'] === tool.headers['x-api-key'])).toBe(
        true,
      );

      for (const path of [`/responses/${id}`, `/responses/${id}/input_items`, '/responses']) {
        expect(seenIn(await (await caller.open('GET', path)).text(), secrets)).toEqual([]);
      }
      expect(seenIn(await recordOf(id), secrets)).toEqual([]);
    },
  );

  it.each([false, true])('are as quiet in tools that an item brings along (stream: %s)', async (stream) => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const { secrets, tool } = plant();
    const more = {
      type: 'additional_tools',
      role: 'developer',
      tools: [{ type: 'namespace', name: 'n', tools: [tool] }],
    };
    const input = [more, { role: 'user', content: 'Say hello.' }];
    const answer = await caller.open('POST', '/responses', { model: 'gpt-4.1', stream, input });
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(seenIn(text, secrets)).toEqual([]);
    const id = /resp_[0-9a-f]{48}/.exec(text)?.[0] ?? '';
    const items = await (await caller.open('GET', `/responses/${id}/input_items`)).text();
    expect(items).toContain('"authorization":"***"');
    expect(seenIn(items, secrets)).toEqual([]);
    expect(seenIn(await recordOf(id), secrets)).toEqual([]);
  });

  it('leave an address without them as it was written', async () => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const tool = {
      type: 'mcp',
      server_label: 'docs',
      server_url: `${server.address}/Azure/azure-rest-api-specs/`,
      require_approval: 'never',
    };
    const { body: made } = await caller.call('POST', '/responses', { ...body, tools: [tool] });
    expect(made.tools).toMatchObject([{ server_url: tool.server_url }]);
    expect(await recordOf(String(made.id))).toContain(tool.server_url);
  });

  it('are in no error, when the server cannot be reached or refuses', async () => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const { secrets, tool } = plant();
    for (const server_url of [
      tool.server_url.replace('/mcp', '/nowhere'),
      `http://127.0.0.1:9/?code=${secrets[2] ?? ''}`,
    ]) {
      const answer = await caller.open('POST', '/responses', { ...body, tools: [{ ...tool, server_url }] });
      expect(seenIn(await answer.text(), secrets)).toEqual([]);
    }
  });
});
