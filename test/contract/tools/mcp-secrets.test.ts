import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { forget } from '../../support/forgetting.ts';
import { startMcpServer, type TestMcpServer } from '../../support/mcp-server.ts';
import { rawCaller } from '../../support/raw.ts';
import { steer } from '../../support/simulator.ts';
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

const toldItems = z.looseObject({ input: z.array(z.looseObject({ type: z.string() })) });

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
      expect(text).not.toContain('/s/');
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

  it.each(['plain', 'streamed', 'in the background', 'in the background, streamed'])(
    'are as quiet in groups, and when they are searched for: %s',
    async (form) => {
      const caller = rawCaller(endpoints, newCaller(endpoints).key);
      const [grouped, deferred] = [plant(), plant()];
      const secrets = [...grouped.secrets, ...deferred.secrets];
      const group = { type: 'namespace', name: 'n', description: 'Docs.', tools: [grouped.tool] };
      const found = { ...deferred.tool, server_label: 'more', server_description: body.input, defer_loading: true };
      const how = { stream: form.includes('streamed'), background: form.includes('background') };
      const tools = [group, found, { type: 'tool_search' }];
      const before = server.seen.length;
      const answer = await caller.open('POST', '/responses', { ...body, model: 'gpt-5.4', ...how, tools });
      const text = await answer.text();
      const id = /resp_[0-9a-f]{48}/.exec(text)?.[0] ?? '';
      await expect
        .poll(async () => (await caller.call('GET', `/responses/${id}`)).body.status, { timeout: 15_000 })
        .toBe('completed');
      const told = server.seen.slice(before).map(({ authorization }) => authorization);
      for (const { tool } of [grouped, deferred]) expect(told).toContain(`Bearer ${tool.authorization}`);

      const shown = await (await caller.open('GET', `/responses/${id}`)).text();
      expect(shown).toContain('"tool_search_output"');
      expect(shown).toContain('"x-api-key":"***"');
      const items = await (await caller.open('GET', `/responses/${id}/input_items`)).text();
      expect(seenIn(text + shown + items + (await recordOf(id)), secrets)).toEqual([]);
    },
  );

  it('are never told as masks: when a turn is told again, the tools that had some are left out', async () => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const azure = steer(endpoints);
    const plain = { type: 'function', name: 'add_note', description: 'Add a note', parameters: {}, strict: false };
    const group = (tools: unknown[]) => ({ type: 'namespace', name: 'n', description: 'Docs and notes.', tools });
    const bring = (tools: unknown[]) => ({ type: 'additional_tools', role: 'developer', tools });
    const { tool } = plant();
    const found = { type: 'tool_search_output', call_id: 'call_1', execution: 'client', tools: [tool] };
    const search = { type: 'tool_search_call', call_id: 'call_1', execution: 'client', arguments: {} };
    const input = [bring([tool, plain, group([tool, plain])]), bring([tool]), search, found];
    const said = { role: 'user', content: 'Say hello.' };
    const { body: first } = await caller.call('POST', '/responses', { model: 'gpt-4.1', input: [...input, said] });
    await forget(endpoints, String(first.id));
    const next = { model: 'gpt-4.1', input: `Say hello. ${azure.marker}`, previous_response_id: first.id };
    const { headers } = await caller.call('POST', '/responses', next);
    expect(headers.get('x-context-rebuilt')).toBe('true');
    const sent = toldItems.parse((await azure.requests()).at(-1)?.body);
    expect(JSON.stringify(sent)).not.toContain('***');
    expect(sent.input.filter(({ type }) => /^(additional_tools|tool_search)/.test(type))).toEqual([
      bring([plain, group([plain])]),
      search,
      { ...found, tools: [] },
    ]);
  });

  it.each(['/responses', '/responses/input_tokens'])(
    'are asked for again when a caller sends the mask: %s',
    async (path) => {
      const caller = rawCaller(endpoints, newCaller(endpoints).key);
      const masked = [
        { type: 'namespace', name: 'n', description: 'd', tools: [{ ...plant().tool, authorization: '***' }] },
      ];
      const again = await caller.call('POST', path, { ...body, tools: masked });
      expect([again.status, again.body.error?.param]).toEqual([400, 'tools']);
      expect(again.body.error?.message).toContain('with the secret itself');
    },
  );

  it('of a container for other domains are as quiet', async () => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const value = `dom-${randomUUID()}`;
    const domain_secrets = [{ domain: 'a.example', name: 'KEY', value }];
    const policy = { type: 'allowlist', allowed_domains: ['a.example'], domain_secrets };
    const tools = [{ type: 'code_interpreter', container: { type: 'auto', network_policy: policy } }];
    const azure = steer(endpoints);
    const { body: made } = await caller.call('POST', '/responses', { ...body, input: azure.marker, tools });
    expect(JSON.stringify((await azure.requests()).at(-1)?.body)).toContain(value);
    expect(made.tools).toMatchObject([{ container: { network_policy: { domain_secrets: [{ value: '***' }] } } }]);
    expect(await recordOf(String(made.id))).not.toContain(value);
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
