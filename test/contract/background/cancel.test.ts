import { describe, expect, inject, it } from 'vitest';
import { collect, eventsOf, faultsOf, openStream, resumeStream, type StreamEvent } from '../../support/event-stream.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller, openDatabase } from '../../support/world.ts';

const endpoints = inject('endpoints');
const PATIENCE = { timeout: 20_000, interval: 100 };

describe('cancel', () => {
  it.each([['queued'], ['in_progress']])('stops a run that is %s, here and at the service', async (state) => {
    const { client } = newCaller(endpoints);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'stuck', state });
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: `Say ${azure.marker}`, background: true });
    await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe(state);
    const cancelled = await client.responses.cancel(id);
    expect(cancelled.status).toBe('cancelled');
    expect(await client.responses.cancel(id)).toEqual(cancelled);
    expect(await client.responses.retrieve(id)).toMatchObject(cancelled);
    expect((await azure.counts()).received.cancel).toBe(1);
  });

  it('leaves a finished response as it is, and refuses one that is not in the background', async () => {
    const { client } = newCaller(endpoints);
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: 'hello', background: true });
    await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('completed');
    expect((await client.responses.cancel(id)).status).toBe('completed');
    const plain = await client.responses.create({ model: 'gpt-4.1', input: 'hello' });
    await expect(client.responses.cancel(plain.id)).rejects.toMatchObject({ status: 400, code: 'not_background' });
  });

  it('during the submission: whoever loses the race undoes it at the service', async () => {
    const { client } = newCaller(endpoints);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'slow', beforeMs: 5_000 });
    const creating = client.responses.create({ model: 'gpt-4.1', input: `Say ${azure.marker}`, background: true });
    const id = await idOfNewest(client);
    expect((await client.responses.cancel(id)).status).toBe('cancelled');
    expect((await creating).status).toBe('cancelled');
    const { received } = await azure.counts();
    expect(received).toMatchObject({ create: 1, cancel: 1, delete: 1 });
  });

  it('stands although the service ignores it; what the run cost is noted', async () => {
    const { client } = newCaller(endpoints);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'pace', runningMs: 1_000 });
    await azure.plan('cancel', { kind: 'ignore_cancel' }, { times: 'always' });
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: `Say ${azure.marker}`, background: true });
    const cancelled = await client.responses.cancel(id);
    await expect
      .poll(async () => (await recordOf(id))?.run?.lateUsage, PATIENCE)
      .toMatchObject({ output_tokens: expect.any(Number) });
    expect(await client.responses.retrieve(id)).toMatchObject(cancelled);
    expect(cancelled.status).toBe('cancelled');
  });

  it('ends a stream with response.incomplete that says cancelled', async () => {
    const { key, client } = newCaller(endpoints);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'slow', betweenMs: 200 });
    const live = eventsOf(await openStream(endpoints, key, { input: `Say ${azure.marker}` }));
    const events = [(await live.next()).value as StreamEvent];
    const id = events[0]?.response?.id ?? '';
    await client.responses.cancel(id);
    for await (const event of live) events.push(event);
    expect(faultsOf(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'response.incomplete', response: { id, status: 'cancelled' } });
    await expect.poll(() => resumeStream(endpoints, key, id).then(collect), PATIENCE).toEqual(events);
  });
});

async function idOfNewest(client: ReturnType<typeof newCaller>['client']): Promise<string> {
  let id: string | undefined;
  await expect
    .poll(async () => (id = (await client.get<{ data: { id: string }[] }>('/responses')).data[0]?.id), PATIENCE)
    .toBeDefined();
  return id ?? '';
}

async function recordOf(id: string): Promise<{ run?: { lateUsage?: unknown } } | undefined> {
  const chains = (await openDatabase(endpoints)).container('chains');
  return (await chains.item(id, id.slice(5, 29)).read<{ run?: { lateUsage?: unknown } }>()).resource;
}
