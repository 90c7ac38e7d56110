import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chainIdOf, chainsApi } from '../../support/chains.ts';
import { contentsOf, cosmosControl, type Contents } from '../../support/stores.ts';
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

describe('a deletion that meets a fault', () => {
  it('says so, hides the response at once, and is finished by the timer', async () => {
    const { client, key } = newCaller(world.endpoints);
    const before = await contentsOf(world.endpoints);
    const { id } = await client.responses.create({ model: MODEL, input: 'hello', background: true });
    await finished(client, id);
    await fetch(`${world.endpoints.openai}/_control/scenarios`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ match: { operation: 'delete' }, fault: { kind: 'status', status: 500 }, times: 4 }),
    });
    const api = chainsApi(world.endpoints, key);
    expect((await api.remove(`chains/${chainIdOf(id)}`)).removed).toMatchObject({ responses: [id], unfinished: 1 });
    expect(await api.status('GET', `openai/v1/responses/${id}`)).toBe(404);
    expect((await contentsOf(world.endpoints)).service.responses).toBe(before.service.responses + 1);
    await expect
      .poll(
        async () => {
          await fetch(`${world.endpoints.gateway}/admin/functions/finishDeletions`, { method: 'POST', body: '{}' });
          return contentsOf(world.endpoints);
        },
        { timeout: 20_000, interval: 500 },
      )
      .toEqual(nothingOf(before));
    expect((await api.remove(`chains/${chainIdOf(id)}`)).removed).toMatchObject({ responses: [id], unfinished: 0 });
  });
});
