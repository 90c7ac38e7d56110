import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { chainIdOf, chainsApi } from '../../support/chains.ts';
import { steer } from '../../support/simulator.ts';
import { countDocuments } from '../../support/stores.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const MODEL = 'gpt-4.1';
const page = z.object({ data: z.array(z.looseObject({ id: z.string() })) });

describe('many at once', () => {
  it('twenty children of one parent are all there, and each knows its parent', async () => {
    const { client, key } = newCaller(endpoints);
    const root = await client.responses.create({ model: MODEL, input: 'My name is Ada.' });
    const children = await Promise.all(
      Array.from({ length: 20 }, () =>
        client.responses.create({ model: MODEL, input: 'What is my name?', previous_response_id: root.id }),
      ),
    );
    for (const child of children) expect(child.output_text).toContain('Ada');
    const { turns } = await chainsApi(endpoints, key).tree(chainIdOf(root.id));
    expect(turns.map((turn) => turn.id).toSorted()).toEqual([root.id, ...children.map(({ id }) => id)].toSorted());
  });

  it('a child whose parent is deleted while the service answers is answered, and not kept', async () => {
    const { client, key } = newCaller(endpoints);
    const azure = steer(endpoints);
    const root = await client.responses.create({ model: MODEL, input: 'root' });
    await azure.plan('create', { kind: 'slow', beforeMs: 1_500 });
    const metadata = { marker: azure.marker };
    const creating = client.responses.create({ model: MODEL, input: 'child', previous_response_id: root.id, metadata });
    await expect.poll(async () => (await azure.counts()).received.create).toBe(1);
    await chainsApi(endpoints, key).remove(`chains/${chainIdOf(root.id)}`);
    const child = await creating;
    expect(child).toMatchObject({ status: 'completed', store: false });
    expect(await countDocuments(endpoints, `container=chains&contains=${chainIdOf(root.id)}`)).toBe(0);
    expect((await chainsApi(endpoints, key).list()).data).toEqual([]);
    expect((await azure.counts()).received.delete).toBe(1);
  });

  it('a storm of children and a deletion of their chain leave all or nothing', async () => {
    const { client, key } = newCaller(endpoints);
    const root = await client.responses.create({ model: MODEL, input: 'root' });
    const chain = chainIdOf(root.id);
    const children = Array.from({ length: 10 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 8));
      return client.responses.create({ model: MODEL, input: 'child', previous_response_id: root.id });
    });
    const removed = chainsApi(endpoints, key).remove(`chains/${chain}`);
    const outcomes = await Promise.allSettled([removed, ...children]);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toMatchObject({ status: 400, code: 'previous_response_not_found' });
      }
    }
    expect((await removed).removed?.responses).toContain(root.id);
    expect(await countDocuments(endpoints, `container=chains&contains=${chain}`)).toBe(0);
  });

  it('a deletion during a background create leaves no run behind', async () => {
    const { client } = newCaller(endpoints);
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'slow', beforeMs: 1_500 });
    const metadata = { marker: azure.marker };
    const creating = client.responses.create({ model: MODEL, input: 'x', background: true, metadata });
    const id = await newestOf(client);
    await client.responses.delete(id);
    await creating.catch(() => undefined);
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
    await expect.poll(async () => (await azure.counts()).received.delete, { timeout: 10_000 }).toBe(1);
  });

  it('a cancel while the run finishes gives one end, here and in every later look', async () => {
    const { client } = newCaller(endpoints);
    const made = await Promise.all(
      Array.from({ length: 6 }, () => client.responses.create({ model: MODEL, input: 'hello', background: true })),
    );
    const ends = await Promise.all(
      made.map(async ({ id }, index) => {
        await new Promise((resolve) => setTimeout(resolve, index * 60));
        return client.responses.cancel(id);
      }),
    );
    for (const end of ends) {
      expect(['cancelled', 'completed']).toContain(end.status);
      expect((await client.responses.retrieve(end.id)).status).toBe(end.status);
    }
  });
});

async function newestOf(client: ReturnType<typeof newCaller>['client']): Promise<string> {
  let id: string | undefined;
  await expect
    .poll(async () => {
      const { data } = page.parse(await client.get('/responses'));
      return (id = data[0]?.id);
    })
    .toBeDefined();
  return id ?? '';
}
