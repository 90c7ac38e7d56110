import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heldFor, planStore, recordOf, release, startLoop } from '../../support/records.ts';
import { startSecondHost, type SecondHost } from '../../support/second-host.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller, startWorld, type World } from '../../support/world.ts';

const PATIENCE = { timeout: 40_000, interval: 100 };

let world: World;
let second: SecondHost;
beforeAll(async () => {
  world = await startWorld();
  second = await startSecondHost(world.endpoints);
});
afterAll(async () => {
  await second.stop();
  await world.stop();
});

describe('two hosts that drive the same run', () => {
  it('submit a run that vanished once more, not twice', async () => {
    const { client } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    await azure.plan('create', { kind: 'pace', runningMs: 60_000 });
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: `Say ${azure.marker}`, background: true });
    await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('in_progress');
    const first = (await recordOf(world.endpoints, id))?.service?.id;
    // The first host has seen that the run is gone, and is slow to write that down.
    await planStore(world.endpoints, { operation: 'replace', status: 'hold', contains: id });
    await azure.plan('retrieve', { kind: 'vanish' });
    await expect.poll(() => heldFor(world.endpoints, id), PATIENCE).toBe(1);
    await azure.plan('create', { kind: 'pace', runningMs: 3_000 });
    expect(await startLoop(second, id)).toBe(202);
    await expect
      .poll(async () => (await recordOf(world.endpoints, id))?.service?.id ?? first, PATIENCE)
      .not.toBe(first);
    await release(world.endpoints, id);
    await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('completed');
    expect((await azure.counts()).received.create).toBe(2);
  }, 90_000);
});

describe('a link that is given while the run ends', () => {
  it('opens the run', async () => {
    const { key, client } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    const create = (): Promise<Response> =>
      fetch(`${world.endpoints.gateway}/openai/v1/responses`, {
        method: 'POST',
        headers: {
          'api-key': key,
          'content-type': 'application/json',
          'idempotency-key': azure.marker,
          prefer: 'respond-async',
        },
        body: JSON.stringify({ model: 'gpt-4.1', input: `Say ${azure.marker}` }),
      });
    await azure.plan('create', { kind: 'pace', runningMs: 1_500 });
    const { id } = (await (await create()).json()) as { id: string };
    await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('in_progress');
    // Its end is about to be written when the create is repeated: the repeat writes first.
    await planStore(world.endpoints, { operation: 'replace', status: 'hold', contains: id });
    await expect.poll(() => heldFor(world.endpoints, id), PATIENCE).toBe(1);
    const link = (await create()).headers.get('location') ?? '';
    await release(world.endpoints, id);
    await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('completed');
    expect((await fetch(link)).status).toBe(200);
  }, 90_000);
});
