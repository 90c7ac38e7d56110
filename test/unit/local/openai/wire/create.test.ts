import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Think } from '../../../../../local/openai/turn.ts';
import { echo, messageOf, outputText, startSimulator, USAGE, type Simulator } from './simulator.ts';

let azure: Simulator;
beforeAll(async () => {
  azure = await startSimulator({ think: echo });
});
afterAll(() => azure.stop());

describe('create', () => {
  it('answers with the whole object: the request echoed, the defaults filled in', async () => {
    const { status, body } = await azure.create({ input: 'Hello', metadata: { a: 'b' }, instructions: 'Be brief.' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'gpt-4o',
      metadata: { a: 'b' },
      instructions: 'Be brief.',
      background: false,
      store: true,
      error: null,
      incomplete_details: null,
      parallel_tool_calls: true,
      temperature: 1,
      top_p: 1,
      tools: [],
      tool_choice: 'auto',
      text: { format: { type: 'text' }, verbosity: 'medium' },
      truncation: 'disabled',
      usage: { total_tokens: 15 },
    });
    expect(body.id).toMatch(/^resp_[0-9a-f]{50}$/);
    expect(body.completed_at).toBeGreaterThanOrEqual(Number(body.created_at));
    expect(body).not.toHaveProperty('output_text');
    expect(outputText(body)).toBe('Hello');
  });

  it('sends back what nobody knows', async () => {
    const { body } = await azure.create({
      input: 'x',
      novelty: { deep: [1, null] },
      tools: [{ type: 'soothsayer', omen: 1 }],
    });
    expect(body).toMatchObject({ novelty: { deep: [1, null] }, tools: [{ type: 'soothsayer', omen: 1 }] });
    const again = await azure.send('GET', `/responses/${String(body.id)}`);
    expect(again.body).toEqual(body);
  });

  it('carries the headers of Azure', async () => {
    const { headers } = await azure.create({ input: 'x' });
    expect(headers.get('x-request-id')).toBe(headers.get('apim-request-id'));
    expect(headers.get('x-ratelimit-remaining-tokens')).toBe('-1');
    expect(headers.get('openai-processing-ms')).toMatch(/^\d+$/);
    expect(headers.get('x-ms-region')).toBeTruthy();
  });

  it('echoes tools without their secrets', async () => {
    const tool = {
      type: 'mcp',
      server_label: 'docs',
      server_url: 'https://example.com/mcp',
      authorization: 'top-secret',
      headers: { 'X-Key': 'top-secret' },
    };
    const { body } = await azure.create({ input: 'x', tools: [tool] });
    expect(JSON.stringify(body)).not.toContain('top-secret');
    expect(body.tools).toMatchObject([
      { server_url: 'https://example.com/<redacted>', require_approval: 'always', headers: { 'X-Key': '<redacted>' } },
    ]);
  });

  it('fills in the defaults of tools and formats', async () => {
    const tools = [{ type: 'tool_search' }, { type: 'web_search' }, { type: 'web_search_preview' }];
    const format = { type: 'json_schema', name: 'f', schema: { type: 'object' } };
    const { body } = await azure.create({ model: 'gpt-5.4', input: 'x', tools, text: { format } });
    const user_location = { type: 'approximate', city: null, country: 'US', region: null, timezone: null };
    expect(body.tools).toEqual([
      { type: 'tool_search', description: null, parameters: null },
      { type: 'web_search', filters: null, search_context_size: 'medium', user_location },
      { type: 'web_search_preview', search_context_size: 'medium', user_location },
    ]);
    expect(body.text).toMatchObject({ format: { ...format, description: null } });
  });

  it('keeps nothing when told not to store', async () => {
    const { body } = await azure.create({ input: 'x', store: false });
    expect(body.store).toBe(false);
    expect((await azure.send('GET', `/responses/${String(body.id)}`)).status).toBe(404);
  });

  it('reasons with the effort of the model', async () => {
    const effortOf = async (model: string) => (await azure.create({ model, input: 'x' })).body.reasoning;
    expect(await effortOf('gpt-4o')).toEqual({ effort: null, summary: null });
    expect(await effortOf('o3')).toEqual({ effort: 'medium', summary: null });
    expect(await effortOf('gpt-5.1')).toEqual({ effort: 'none', summary: null });
  });

  it('answers on the dated path too, which needs an api-version', async () => {
    const body = { model: 'gpt-4o', input: 'x' };
    const dated = '/openai/responses';
    expect((await azure.send('POST', `${dated}?api-version=2025-03-01-preview`, body)).status).toBe(200);
    expect((await azure.send('POST', dated, body)).status).toBe(404);
  });

  it('lists its deployments as models', async () => {
    const { body } = await azure.send('GET', '/models');
    const ids = Array.isArray(body.data) ? body.data.map((model: { id: string }) => model.id) : [];
    expect(ids).toEqual(expect.arrayContaining(['gpt-4o', 'gpt-5.5', 'o1', 'computer-use-preview', 'gpt-image-1.5']));
    expect((await azure.send('GET', '/models/gpt-4o')).body).toMatchObject({ id: 'gpt-4o', object: 'model' });
    expect((await azure.send('GET', '/models/gpt-9')).status).toBe(404);
  });

  it('does not begin for a caller who hung up while waiting', async () => {
    await azure.plan({ kind: 'slow', beforeMs: 10_000 }, { contains: 'impatient' });
    const asked = azure.client.responses.create({ model: 'gpt-4o', input: 'impatient' }, { timeout: 50 });
    await expect(asked).rejects.toThrow();
    const { body } = await azure.control('GET', '/counts?contains=impatient');
    expect(body).toEqual({ received: { create: 1 }, succeeded: {}, runs: 0 });
  });

  it('stops a run whose caller hangs up, and keeps nothing of it', async () => {
    const stopped = Promise.withResolvers<string>();
    const waiting: Think = async function* (turn) {
      yield messageOf(turn, 'never seen');
      await new Promise((resolve) => turn.signal.addEventListener('abort', resolve));
      stopped.resolve('stopped');
      return { status: 'completed', usage: USAGE };
    };
    const other = await startSimulator({ think: waiting });
    const asked = other.client.responses.create({ model: 'gpt-4o', input: 'hang up' }, { timeout: 50 });
    await expect(asked).rejects.toThrow();
    expect(await stopped.promise).toBe('stopped');
    expect((await other.control('GET', '/state')).body).toMatchObject({ responses: 0 });
    expect((await other.control('GET', '/counts')).body).toEqual({ received: { create: 1 }, succeeded: {}, runs: 1 });
    await other.stop();
  });
});
