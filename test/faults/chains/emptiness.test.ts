import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proveChain } from '../../support/chain-proof.ts';
import { chainIdOf, chainsApi } from '../../support/chains.ts';
import { startMcpServer, type TestMcpServer } from '../../support/mcp-server.ts';
import { steer } from '../../support/simulator.ts';
import { contentsOf, cosmosControl, countDocuments, type Contents } from '../../support/stores.ts';
import { newCaller, startWorld, type World } from '../../support/world.ts';

const MODEL = 'gpt-4.1';

let world: World;
let mcp: TestMcpServer;
beforeAll(async () => {
  [world, mcp] = await Promise.all([startWorld(), startMcpServer()]);
});
afterAll(() => Promise.all([world.stop(), mcp.stop()]));

const nothingOf = (before: Contents): Contents => ({ ...before, directory: before.directory + 1 });

async function finished(client: OpenAI, id: string): Promise<void> {
  await expect.poll(async () => (await client.responses.retrieve(id)).status, { timeout: 20_000 }).toBe('completed');
}

describe('a chain of many turns', () => {
  it('costs the same at its end as at its beginning, stays small, and goes without a trace', async () => {
    // As many as see every kind of item once; test/long makes it 500.
    await proveChain(world.endpoints, mcp.url, 125);
  }, 60_000);
});

const finishDeletions = (): Promise<unknown> =>
  fetch(`${world.endpoints.gateway}/admin/functions/finishDeletions`, { method: 'POST', body: '{}' });

/** Lets the timer run until nothing is left but so many receipts. */
const expectEmptied = (wanted: Contents): Promise<void> =>
  expect
    .poll(
      async () => {
        await finishDeletions();
        return contentsOf(world.endpoints);
      },
      { timeout: 20_000, interval: 500 },
    )
    .toEqual(wanted);

describe('a deletion that meets a fault', () => {
  it('says so, hides the response at once, and is finished by the timer', async () => {
    const { client, key } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    const before = await contentsOf(world.endpoints);
    const { id } = await client.responses.create({ model: MODEL, input: azure.marker, background: true });
    await finished(client, id);
    await azure.plan('delete', { kind: 'status', status: 500 }, { times: 4 });
    const api = chainsApi(world.endpoints, key);
    expect((await api.remove(`chains/${chainIdOf(id)}`)).removed).toMatchObject({ responses: [id], unfinished: 1 });
    expect(await api.status('GET', `openai/v1/responses/${id}`)).toBe(404);
    expect((await contentsOf(world.endpoints)).service.responses).toBe(before.service.responses + 1);
    await expectEmptied(nothingOf(before));
    expect((await api.remove(`chains/${chainIdOf(id)}`)).removed).toMatchObject({ responses: [id], unfinished: 0 });
  });

  it.each([true, false])(
    'is finished, too, for an answer that came after it and that no record names (background: %s)',
    async (background) => {
      const { client, key } = newCaller(world.endpoints);
      const azure = steer(world.endpoints);
      const before = await contentsOf(world.endpoints);
      const root = await client.responses.create({ model: MODEL, input: 'root' });
      await azure.plan('create', { kind: 'slow', beforeMs: 1_000 });
      await azure.plan('delete', { kind: 'status', status: 500 }, { times: 4 });
      const child = { model: MODEL, input: azure.marker, previous_response_id: root.id, background };
      const creating = client.responses.create(child).catch(() => undefined);
      await expect.poll(async () => (await azure.counts()).received.create).toBe(1);
      await chainsApi(world.endpoints, key).remove(`chains/${chainIdOf(root.id)}`);
      await creating;
      await expect.poll(async () => (await azure.counts()).received.delete).toBe(2);
      expect((await contentsOf(world.endpoints)).service.responses).toBe(before.service.responses + 1);
      // Nobody but maintenance sees what names it.
      expect(await countDocuments(world.endpoints, `container=chains&contains=${chainIdOf(root.id)}`)).toBe(1);
      expect(await chainsApi(world.endpoints, key).status('GET', `chains/${chainIdOf(root.id)}`)).toBe(404);
      await expectEmptied(nothingOf(before));
    },
  );

  it('leaves no run at the service that failed there and was submitted once more', async () => {
    const { client, key } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    const before = await contentsOf(world.endpoints);
    await azure.plan('create', { kind: 'empty_failure' });
    const { id } = await client.responses.create({ model: MODEL, input: azure.marker, background: true });
    await finished(client, id);
    expect((await azure.counts()).received.create).toBe(2);
    await chainsApi(world.endpoints, key).remove(`chains/${chainIdOf(id)}`);
    await expectEmptied(nothingOf(before));
  });
});

describe('a deletion whose process is killed', () => {
  it.each([
    ['its turns are being buried, goes on when it is repeated', 'replace', 'repeat'],
    ['what hangs on them is being removed, goes on when it is repeated', 'delete', 'repeat'],
    ['what hangs on them is being removed, is finished by the timer', 'delete', 'timer'],
  ])('while %s', async (_when, operation, way) => {
    const { client, key } = newCaller(world.endpoints);
    const before = await contentsOf(world.endpoints);
    const tools = [{ type: 'image_generation' as const }];
    const ids: string[] = [];
    for (const background of [false, true, false]) {
      const input = 'Draw a circle';
      const { id } = await client.responses.create({
        model: MODEL,
        input,
        tools,
        background,
        previous_response_id: ids.at(-1),
      });
      await finished(client, id);
      ids.push(id);
    }
    const chain = chainIdOf(ids[0] ?? '');
    const held = { operation, container: 'chains', status: 'hold', contains: chain };
    await cosmosControl(world.endpoints, 'POST', 'faults', held);
    const path = `chains/${chain}`;
    const deleting = chainsApi(world.endpoints, key)
      .remove(path)
      .catch(() => undefined);
    await expect
      .poll(() => cosmosControl(world.endpoints, 'GET', 'faults'))
      .not.toContainEqual(expect.objectContaining(held));
    await world.killHost();
    await deleting;

    const api = chainsApi(await world.currentEndpoints(), key);
    if (way === 'timer') await expectEmptied(nothingOf(before));
    const repeated = await api.remove(path);
    expect(repeated.removed).toMatchObject({ images: 3, unfinished: 0 });
    expect(repeated.removed?.responses.toSorted()).toEqual(ids.toSorted());
    expect(await contentsOf(world.endpoints)).toEqual(nothingOf(before));
    expect(await api.remove(path)).toEqual(repeated);
  });
});
