import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { chainIdOf, chainsApi } from '../../support/chains.ts';
import { collect } from '../../support/event-stream.ts';
import { steer, type Steering } from '../../support/simulator.ts';
import { countDocuments } from '../../support/stores.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const MODEL = 'gpt-4.1';
const PATIENCE = { timeout: 15_000, interval: 50 };

const FORMS = [
  { form: 'plain', stream: false, background: false },
  { form: 'streamed', stream: true, background: false },
  { form: 'in the background', stream: false, background: true },
  { form: 'streamed and in the background', stream: true, background: true },
] as const;
type Form = (typeof FORMS)[number];

const response = z.looseObject({ id: z.string(), status: z.string(), store: z.boolean().optional() });
const refusal = z.object({ error: z.looseObject({ code: z.string().nullable() }) });
const page = z.object({ data: z.array(z.looseObject({ id: z.string(), metadata: z.looseObject({}).nullish() })) });

/** A create in one of its forms, and how it was answered: the response, of a stream the last one in it, or the code of a refusal. */
async function ask(
  key: string,
  { stream, background }: Form,
  body: Record<string, unknown>,
): Promise<{ response?: z.infer<typeof response>; refused?: string | null }> {
  const answer = await fetch(`${endpoints.gateway}/openai/v1/responses`, {
    method: 'POST',
    headers: { 'api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, stream, background, ...body }),
  });
  if (!answer.ok) return { refused: refusal.parse(await answer.json()).error.code };
  if (!stream) return { response: response.parse(await answer.json()) };
  return { response: response.parse((await collect(answer)).at(-1)?.response) };
}

/** How many responses with this marker the service has. */
async function atService({ marker }: Steering): Promise<number> {
  const answer = await fetch(`${endpoints.openai}/openai/v1/responses?limit=100`, { headers: { 'api-key': 'test' } });
  return page.parse(await answer.json()).data.filter(({ metadata }) => metadata?.marker === marker).length;
}

/** Nothing is left of a chain, nor of what was made in it with this marker. */
async function expectNothing(chain: string, azure: Steering): Promise<void> {
  await expect.poll(() => countDocuments(endpoints, `container=chains&contains=${chain}`), PATIENCE).toBe(0);
  await expect.poll(() => atService(azure), PATIENCE).toBe(0);
}

describe.each(FORMS)('many at once, $form', (form) => {
  it('twenty children of one parent are all there, and each knows its parent', async () => {
    const { client, key } = newCaller(endpoints);
    const root = await client.responses.create({ model: MODEL, input: 'My name is Ada.' });
    const body = { input: 'What is my name?', previous_response_id: root.id };
    const children = await Promise.all(Array.from({ length: 20 }, () => ask(key, form, body)));
    const ids = children.map((child) => child.response?.id ?? '');
    for (const id of ids) {
      await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toBe('completed');
      expect(await client.responses.retrieve(id)).toMatchObject({ previous_response_id: root.id });
    }
    const { turns } = await chainsApi(endpoints, key).tree(chainIdOf(root.id));
    expect(turns.map((turn) => turn.id).toSorted()).toEqual([root.id, ...ids].toSorted());
  });

  it('a child whose chain is deleted while the service answers is answered, and not kept', async () => {
    const { client, key } = newCaller(endpoints);
    const azure = steer(endpoints);
    const metadata = { marker: azure.marker };
    const root = await client.responses.create({ model: MODEL, input: 'root' });
    await azure.plan('create', { kind: 'slow', beforeMs: 700 });
    const creating = ask(key, form, { input: 'child', previous_response_id: root.id, metadata });
    await expect.poll(async () => (await azure.counts()).received.create, PATIENCE).toBe(1);
    await chainsApi(endpoints, key).remove(`chains/${chainIdOf(root.id)}`);
    const child = (await creating).response;
    if (!form.background) expect(child).toMatchObject({ status: 'completed', store: false });
    await expect(client.responses.retrieve(child?.id ?? '')).rejects.toMatchObject({ status: 404 });
    await expectNothing(chainIdOf(root.id), azure);
    expect((await chainsApi(endpoints, key).list()).data).toEqual([]);
  });

  it('a child whose parent alone is deleted meanwhile is kept with its parent, or not at all', async () => {
    const { client, key } = newCaller(endpoints);
    const azure = steer(endpoints);
    const metadata = { marker: azure.marker };
    const root = await client.responses.create({ model: MODEL, input: 'root' });
    await azure.plan('create', { kind: 'slow', beforeMs: 700 });
    const creating = ask(key, form, { input: 'child', previous_response_id: root.id, metadata });
    await expect.poll(async () => (await azure.counts()).received.create, PATIENCE).toBe(1);
    await client.responses.delete(root.id);
    const child = (await creating).response;
    const id = child?.id ?? '';
    if (form.background) {
      // Accepted before its parent went.
      await expect.poll(async () => (await client.responses.retrieve(id)).status, PATIENCE).toMatch(/completed|failed/);
      await client.responses.delete(id);
    } else {
      expect(child).toMatchObject({ status: 'completed', store: false });
      await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
    }
    await expect.poll(() => atService(azure), PATIENCE).toBe(0);
    expect((await chainsApi(endpoints, key).list()).data).toEqual([]);
  });
});

describe('many at once', () => {
  it('a storm of children of every form and a deletion of their chain leave all or nothing', async () => {
    const { client, key } = newCaller(endpoints);
    const azure = steer(endpoints);
    const metadata = { marker: azure.marker };
    const root = await client.responses.create({ model: MODEL, input: 'root', metadata });
    const chain = chainIdOf(root.id);
    // One after the other, so that the deletion meets them at every point of their way.
    const children = Array.from({ length: 16 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 8));
      return ask(key, FORMS[index % FORMS.length] ?? FORMS[0], {
        input: 'child',
        previous_response_id: root.id,
        metadata,
      });
    });
    const removed = chainsApi(endpoints, key).remove(`chains/${chain}`);
    for (const { refused } of await Promise.all(children)) {
      if (refused !== undefined) expect(refused).toBe('previous_response_not_found');
    }
    expect((await removed).removed?.responses).toContain(root.id);
    await expectNothing(chain, azure);
  });

  it.each(FORMS.filter(({ background }) => background))(
    'a deletion during a create that is $form leaves no run behind',
    async (form) => {
      const { client, key } = newCaller(endpoints);
      const azure = steer(endpoints);
      await azure.plan('create', { kind: 'slow', beforeMs: 700, betweenMs: 100 });
      const creating = ask(key, form, { input: 'x', metadata: { marker: azure.marker } });
      const id = await newestOf(client);
      await client.responses.delete(id);
      const { response: last } = await creating;
      expect(last).toMatchObject({ id, status: 'cancelled' });
      await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
      await expect.poll(() => atService(azure), PATIENCE).toBe(0);
    },
  );

  it.each(FORMS.filter(({ background }) => background))(
    'a cancel while a run $form finishes gives one end, here and in every later look',
    async (form) => {
      const { client, key } = newCaller(endpoints);
      const made = Array.from({ length: 6 }, async (_, index) => {
        const metadata = { index: String(index) };
        const creating = ask(key, form, { input: 'hello', metadata });
        let id = '';
        await expect
          .poll(async () => {
            const { data } = page.parse(await client.get('/responses'));
            return (id = data.find((one) => one.metadata?.index === metadata.index)?.id ?? '');
          }, PATIENCE)
          .not.toBe('');
        await new Promise((resolve) => setTimeout(resolve, index * 60));
        return { end: await client.responses.cancel(id), last: (await creating).response };
      });
      for (const { end, last } of await Promise.all(made)) {
        expect(['cancelled', 'completed']).toContain(end.status);
        expect((await client.responses.retrieve(end.id)).status).toBe(end.status);
        if (form.stream) expect(last?.status).toBe(end.status);
      }
    },
  );
});

async function newestOf(client: ReturnType<typeof newCaller>['client']): Promise<string> {
  let id: string | undefined;
  await expect
    .poll(async () => {
      const { data } = page.parse(await client.get('/responses'));
      return (id = data[0]?.id);
    }, PATIENCE)
    .toBeDefined();
  return id ?? '';
}
