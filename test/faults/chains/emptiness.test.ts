import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chainIdOf, chainsApi } from '../../support/chains.ts';
import { steer } from '../../support/simulator.ts';
import { contentsOf, cosmosControl, countDocuments, type Contents } from '../../support/stores.ts';
import { newCaller, openDatabase, startWorld, type World } from '../../support/world.ts';

const MODEL = 'gpt-4.1';
const TURNS = 500;
const DOCUMENT_LIMIT_BYTES = 64 * 1024;
const counts = z.record(z.string(), z.record(z.string(), z.number()));

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** Requests to the store that one call costs, by container and operation. */
async function costOf(work: () => Promise<unknown>): Promise<z.infer<typeof counts>> {
  await cosmosControl(world.endpoints, 'POST', 'reset');
  await work();
  const { metadata: _metadata, ...cost } = counts.parse(await cosmosControl(world.endpoints, 'GET', 'counts'));
  return cost;
}

const nothingOf = (before: Contents): Contents => ({ ...before, directory: before.directory + 1 });

async function finished(client: OpenAI, id: string): Promise<void> {
  await expect.poll(async () => (await client.responses.retrieve(id)).status, { timeout: 20_000 }).toBe('completed');
}

describe('a chain of 500 turns', () => {
  it('costs the same at its end as at its beginning, stays small, and goes without a trace', async () => {
    const { client, key } = newCaller(world.endpoints);
    const before = await contentsOf(world.endpoints);
    const ask = async (input: string, previous: string | undefined, more: object = {}): Promise<string> =>
      (await client.responses.create({ model: MODEL, input, previous_response_id: previous, ...more })).id;
    const image = { tools: [{ type: 'image_generation' }] };
    let last = await ask('My name is Ada.', undefined);
    const root = last;
    const costs: z.infer<typeof counts>[] = [];
    for (let turn = 1; turn < TURNS; turn += 1) {
      const next = async (): Promise<void> => {
        last = await ask('Say hello', last);
      };
      if (turn === 5 || turn === TURNS - 1) costs.push(await costOf(next));
      else if (turn % 125 === 0) last = await ask('Draw a red square', last, image);
      else if (turn % 100 === 0) await Promise.all([ask('A fork', last), next()]);
      else await next();
    }
    expect(costs[1]).toEqual(costs[0]);
    const background = await client.responses.create({
      model: MODEL,
      input: 'What is my name?',
      previous_response_id: last,
      background: true,
    });
    await finished(client, background.id);

    const { resources } = await (
      await openDatabase(world.endpoints)
    )
      .container('chains')
      .items.query<object>({ query: 'SELECT * FROM c' }, { partitionKey: chainIdOf(root) })
      .fetchAll();
    expect(resources.length).toBeGreaterThan(TURNS);
    expect(Math.max(...resources.map((one) => JSON.stringify(one).length))).toBeLessThan(DOCUMENT_LIMIT_BYTES);

    const { removed } = await chainsApi(world.endpoints, key).remove(`chains/${chainIdOf(root)}`);
    expect(removed).toMatchObject({ unfinished: 0, images: 3 });
    expect(removed?.responses).toHaveLength(resources.length);
    // Only the receipt is left, for those who ask again.
    expect(await contentsOf(world.endpoints)).toEqual(nothingOf(before));
  }, 120_000);
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
