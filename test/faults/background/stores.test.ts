import { APIError, type OpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chainIdOf } from '../../support/chains.ts';
import { planStore } from '../../support/records.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller, openBlobs, startWorld, type World } from '../../support/world.ts';

const PATIENCE = { timeout: 40_000, interval: 100 };

let world: World;
beforeAll(async () => {
  // Ceilings of a few seconds: nothing else in this file takes that long.
  world = await startWorld({ environment: { MAX_QUEUED_MINUTES: '0.1', MAX_RUNNING_MINUTES: '0.1' } });
});
afterAll(() => world.stop());

describe('a background response survives', () => {
  it.each([
    ['a store that throttles', { operation: '*', container: 'chains', status: 429, retryAfterMs: 50, times: 8 }],
    ['a store that is out', { operation: 'replace', container: 'chains', status: 503, times: 3 }],
    ['a storm of conflicts', { operation: 'replace', container: 'chains', status: 412, times: 6 }],
    [
      'a write whose answer is lost',
      { operation: 'replace', container: 'chains', status: 'reset', applied: true, times: 1 },
    ],
  ])('%s', async (_what, fault) => {
    const { client } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    await azure.plan('create', { kind: 'pace', runningMs: 500 });
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: `Say ${azure.marker}`, background: true });
    await planStore(world.endpoints, { ...fault, contains: id });
    await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('completed');
    expect(await azure.runs()).toBe(1);
  });

  it.each([
    ['a chain', 'create', undefined],
    ['a turn in a chain', 'batch', 'parent'],
  ])('a first write of %s whose answer is lost: it is accepted', async (_what, operation, parent) => {
    const { client } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    const previous =
      parent === undefined ? undefined : (await client.responses.create({ model: 'gpt-4.1', input: 'Say hello' })).id;
    await planStore(world.endpoints, {
      operation,
      container: 'chains',
      status: 'reset',
      applied: true,
      contains: azure.marker,
    });
    const { id } = await client.responses.create({
      model: 'gpt-4.1',
      input: `Say ${azure.marker}`,
      background: true,
      previous_response_id: previous,
    });
    await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('completed');
    expect(await azure.runs()).toBe(1);
  });

  describe('a storm of conflicts that outlasts every try,', () => {
    /** More than one change of a record starts over. */
    const STORM = { operation: 'replace', container: 'chains', status: 412, times: 14 };

    it.concurrent('when its run has been submitted, and when it ends', async ({ expect }) => {
      const { client } = newCaller(world.endpoints);
      const azure = steer(world.endpoints);
      await azure.plan('create', { kind: 'pace', runningMs: 500 });
      await planStore(world.endpoints, { ...STORM, contains: azure.marker });
      const input = `Say ${azure.marker}`;
      const { id } = await client.responses.create({ model: 'gpt-4.1', input, background: true });
      await planStore(world.endpoints, { ...STORM, contains: '"status":"completed"' });
      await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('completed');
      expect(await azure.runs()).toBe(1);
      expect((await azure.counts()).received).not.toHaveProperty('cancel');
    });

    it.concurrent.for<[string, (client: OpenAI, id: string) => Promise<unknown>]>([
      ['cancelled', (client: OpenAI, id: string) => client.responses.cancel(id)],
      ['deleted', (client: OpenAI, id: string) => client.responses.delete(id)],
    ])('when it is to be %s: its caller is told to come back, and then it is', async ([_what, act], { expect }) => {
      const { client } = newCaller(world.endpoints);
      const azure = steer(world.endpoints);
      await azure.plan('create', { kind: 'stuck', state: 'in_progress' });
      const input = `Say ${azure.marker}`;
      const { id } = await client.responses.create({ model: 'gpt-4.1', input, background: true });
      await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('in_progress');
      await planStore(world.endpoints, { ...STORM, times: 12, contains: id });
      const refusal: unknown = await act(client, id).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ status: 503, code: 'store_unavailable' });
      const headers: unknown = refusal instanceof APIError ? refusal.headers : undefined;
      expect(headers instanceof Headers ? headers.get('retry-after') : headers).toMatch(/^\d+$/);
      expect((await client.responses.retrieve(id)).status).toBe('in_progress');
      await act(client, id);
      await expect.poll(async () => (await azure.counts()).received.cancel, PATIENCE).toBeGreaterThan(0);
    });
  });

  it('even the loss of a stored part of it: it can be cancelled', async () => {
    const { client } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    await azure.plan('create', { kind: 'stuck', state: 'in_progress' });
    const { id } = await client.responses.create({
      model: 'gpt-4.1',
      input: `Say ${azure.marker}`,
      instructions: 'x'.repeat(100_000),
      background: true,
    });
    await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('in_progress');
    const payloads = (await openBlobs(world.endpoints)).getContainerClient('payloads');
    const lost: string[] = [];
    for await (const { name } of payloads.listBlobsFlat({ prefix: `${chainIdOf(id)}/${id}/envelope` })) {
      await payloads.deleteBlob(name);
      lost.push(name);
    }
    expect(lost).not.toEqual([]);
    expect(await client.responses.cancel(id)).toMatchObject({ id, status: 'cancelled', model: 'gpt-4.1' });
    await expect.poll(async () => (await azure.counts()).received.cancel, PATIENCE).toBe(1);
  });

  it.each([['queued'], ['in_progress']])(
    'no ceiling: what stays %s is stopped, and fails with the reason',
    async (state) => {
      const { client } = newCaller(world.endpoints);
      const azure = steer(world.endpoints);
      await azure.plan('create', { kind: 'stuck', state });
      const { id } = await client.responses.create({
        model: 'gpt-4.1',
        input: `Say ${azure.marker}`,
        background: true,
      });
      await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('failed');
      expect((await client.responses.retrieve(id)).error?.message).toContain(
        state === 'queued' ? 'MAX_QUEUED' : 'MAX_RUNNING',
      );
      await expect.poll(async () => (await azure.counts()).received.cancel, PATIENCE).toBe(1);
    },
  );
});
