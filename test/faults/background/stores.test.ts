import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planStore } from '../../support/records.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller, startWorld, type World } from '../../support/world.ts';

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
