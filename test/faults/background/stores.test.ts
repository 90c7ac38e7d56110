import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planStore } from '../../support/records.ts';
import { startSecondHost, type SecondHost } from '../../support/second-host.ts';
import { collect, eventsOf, faultsOf, openStream, resumeStream, type StreamEvent } from '../../support/event-stream.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller, openDatabase, startWorld, type World } from '../../support/world.ts';

const PATIENCE = { timeout: 40_000, interval: 100 };

let world: World;
let second: SecondHost;
beforeAll(async () => {
  // Ceilings of a few seconds: nothing else in this file takes that long.
  world = await startWorld({ environment: { MAX_QUEUED_MINUTES: '0.1', MAX_RUNNING_MINUTES: '0.1' } });
  second = await startSecondHost(world.endpoints);
});
afterAll(async () => {
  await second.stop();
  await world.stop();
});

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

describe('on a second host', () => {
  it('a viewer sees the whole stream of the first', async () => {
    const { key } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    await azure.plan('create', { kind: 'slow', betweenMs: 50 });
    const live = eventsOf(await openStream(world.endpoints, key, { input: `Say ${azure.marker}` }));
    const events = [(await live.next()).value as StreamEvent];
    const elsewhere = resumeStream({ gateway: second.gateway }, key, events[0]?.response?.id ?? '').then(collect);
    for await (const event of live) events.push(event);
    expect(faultsOf(events)).toEqual([]);
    expect(await elsewhere).toEqual(events);
  });

  it('a cancel stops the stream of the first', async () => {
    const { key } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    await azure.plan('create', { kind: 'slow', betweenMs: 200 });
    const live = eventsOf(await openStream(world.endpoints, key, { input: `Say ${azure.marker}` }));
    const events = [(await live.next()).value as StreamEvent];
    const id = events[0]?.response?.id ?? '';
    await fetch(`${second.gateway}/openai/v1/responses/${id}/cancel`, { method: 'POST', headers: { 'api-key': key } });
    for await (const event of live) events.push(event);
    expect(events.at(-1)?.response?.status).toBe('cancelled');
  });
});

describe('the reconciler', () => {
  it('starts the loop of a run that was accepted and never started', async () => {
    const { key, client } = newCaller(world.endpoints);
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: 'Say hello', background: true });
    await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('completed');
    // As a crash between two awaits would have left it: accepted, with nothing behind it.
    const chains = (await openDatabase(world.endpoints)).container('chains');
    const { resource } = await chains.item(id, id.slice(5, 29)).read<Record<string, unknown>>();
    const orphan = `${id.slice(0, 29)}${'0'.repeat(24)}`;
    const createdAt = Math.floor(Date.now() / 1000) - 300;
    await chains.items.create({
      ...resource,
      id: orphan,
      owner: key,
      status: 'queued',
      // Old enough to be missed, and not so old that it is given up: the ceiling counts from the create.
      createdAt: createdAt + 175,
      service: undefined,
      run: { attempts: 0, nextLookAt: 0 },
    });
    const fired = await fetch(`${world.endpoints.gateway}/admin/functions/reconcile`, { method: 'POST', body: '{}' });
    expect(fired.status).toBe(202);
    await expect
      .poll(async () => (await client.responses.retrieve(orphan)).status, PATIENCE)
      .toMatch(/completed|failed/);
    await expect.poll(() => `${world.output()}${world.errors()}`, PATIENCE).toContain('repaired');
  });
});
