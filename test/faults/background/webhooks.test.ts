import { randomBytes } from 'node:crypto';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { documentsApi, newFolder, openDropBox } from '../../support/documents.ts';
import { textPdf } from '../../support/pdfs.ts';
import { alter, fire, heldFor, planStore, recordOf, release } from '../../support/records.ts';
import { startReceiver, type Receiver } from '../../support/receiver.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller, startWorld, type World } from '../../support/world.ts';

const PATIENCE = { timeout: 20_000, interval: 100 };
const older = `whsec_${randomBytes(24).toString('base64')}`;

let receiver: Receiver;
let world: World;
beforeAll(async () => {
  receiver = await startReceiver();
  const WEBHOOK_SECRETS = `${receiver.secret},${older}`;
  world = await startWorld({ environment: { WEBHOOK_URL: receiver.address, WEBHOOK_SECRETS } });
});
afterAll(async () => {
  await world.stop();
  await receiver.stop();
});

const delivery = z.looseObject({
  id: z.string(),
  state: z.string(),
  attempts: z.number(),
  last_attempt_at: z.number().optional(),
  next_attempt_at: z.number().nullish(),
});
const page = z.object({ data: z.array(delivery), has_more: z.boolean(), last_id: z.string().nullable() });

const call = (key: string, method: string, path: string): Promise<Response> =>
  fetch(`${world.endpoints.gateway}/webhooks/deliveries${path}`, { method, headers: { 'api-key': key } });
const undelivered = async (key: string, query = ''): Promise<z.infer<typeof page>> =>
  page.parse(await (await call(key, 'GET', query)).json());
const replay = (key: string, id: string): Promise<Response> => call(key, 'POST', `/${id}/replay`);

/** Background responses of a caller that have ended, and whose receiver has refused once. */
async function refused({ key, client }: ReturnType<typeof newCaller>, count: number): Promise<string[]> {
  receiver.answer(500);
  const ids: string[] = [];
  for (let n = 1; n <= count; n += 1) {
    ids.push((await client.responses.create({ model: 'gpt-4.1', input: 'Say hello', background: true })).id);
    await expect.poll(async () => (await undelivered(key)).data.length, PATIENCE).toBe(n);
  }
  return ids;
}

describe('the webhook', () => {
  it.each([
    ['completed', undefined],
    ['failed', { kind: 'fail' }],
    ['incomplete', { kind: 'content_filter', side: 'output' }],
  ])(
    'tells of a response that is %s, signed for the old and the new secret, without content',
    async (status, fault) => {
      const { client } = newCaller(world.endpoints);
      const azure = steer(world.endpoints);
      if (fault !== undefined) await azure.plan('create', fault);
      const { id } = await client.responses.create({
        model: 'gpt-4.1',
        input: `Say ${azure.marker}`,
        background: true,
      });
      await expect.poll(() => receiver.about(id), PATIENCE).toHaveLength(1);
      const [hook] = receiver.about(id);
      for (const secret of [receiver.secret, older]) {
        const event = await new OpenAI({ apiKey: 'x' }).webhooks.unwrap(hook?.body ?? '', hook?.headers ?? {}, secret);
        expect(event).toMatchObject({ object: 'event', type: `response.${status}`, data: { id } });
      }
      expect(hook?.body).not.toContain(azure.marker);
    },
  );

  it('tells of a cancelled response', async () => {
    const { client } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    await azure.plan('create', { kind: 'stuck', state: 'in_progress' });
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: `Say ${azure.marker}`, background: true });
    await client.responses.cancel(id);
    await expect.poll(() => receiver.about(id)[0]?.body, PATIENCE).toContain('response.cancelled');
  });

  it('tries again, with the same id, and lists what was not taken until it is', async () => {
    const caller = newCaller(world.endpoints);
    const { key } = caller;
    const [id = ''] = await refused(caller, 1);
    expect((await undelivered(key)).data).toMatchObject([{ id, state: 'retrying', attempts: 1, last_status: 500 }]);
    const stranger = newCaller(world.endpoints).key;
    expect((await undelivered(stranger)).data).toEqual([]);
    const unknown = `resp_${'0'.repeat(48)}`;
    const [foreign, nobodys] = [await replay(stranger, id), await replay(stranger, unknown)];
    expect([foreign.status, nobodys.status]).toEqual([404, 404]);
    expect((await foreign.text()).replaceAll(id, unknown)).toBe(await nobodys.text());
    expect(receiver.about(id)).toHaveLength(1);
    expect(await (await replay(key, id)).json()).toMatchObject({ state: 'retrying', attempts: 2 });
    receiver.answer(200);
    expect(await (await replay(key, id)).json()).toMatchObject({ id, state: 'delivered' });
    expect((await undelivered(key)).data).toEqual([]);
    expect(new Set(receiver.about(id).map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(1);
    expect((await replay(key, id)).status).toBe(404);
  });

  it('tries again by itself, ever later over 19 hours, then waits to be replayed', async () => {
    const caller = newCaller(world.endpoints);
    const { key } = caller;
    const [id = ''] = await refused(caller, 1);
    const pauses: (number | null)[] = [];
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      const [entry] = (await undelivered(key)).data;
      expect(entry?.attempts).toBe(attempt);
      pauses.push(entry?.next_attempt_at == null ? null : entry.next_attempt_at - (entry.last_attempt_at ?? 0));
      if (attempt < 10) await replay(key, id);
    }
    const expected = [5, 30, 120, 600, 1_800, 3_600, 7_200, 18_000, 36_000];
    // Both are whole seconds of moments a little apart.
    expect(pauses.slice(0, 9).map((pause, n) => Math.abs((pause ?? 0) - (expected[n] ?? 0)) <= 1)).not.toContain(false);
    expect(pauses[9]).toBeNull();
    expect((await undelivered(key)).data).toMatchObject([{ state: 'given_up' }]);
    receiver.answer(200);
    expect(await (await replay(key, id)).json()).toMatchObject({ state: 'delivered', attempts: 11 });

    const [another = ''] = await refused(caller, 1);
    receiver.answer(200);
    await expect.poll(async () => (await undelivered(key)).data, PATIENCE).toEqual([]);
    expect(receiver.about(another)).toHaveLength(2);
  });

  it('lists what was not taken in pages, newest end first, also while some of it is delivered', async () => {
    const caller = newCaller(world.endpoints);
    const { key } = caller;
    const ids = (await refused(caller, 3)).toReversed();
    const first = await undelivered(key, '?limit=2');
    expect(first).toMatchObject({ data: [{ id: ids[0] }, { id: ids[1] }], has_more: true, last_id: ids[1] });
    receiver.answer(200);
    await replay(key, ids[1] ?? '');
    const second = await undelivered(key, `?limit=2&after=${ids[1] ?? ''}`);
    expect(second).toMatchObject({ data: [{ id: ids[2] }], has_more: false });
    expect((await call(newCaller(world.endpoints).key, 'GET', `?after=${ids[1] ?? ''}`)).status).toBe(400);
    await caller.client.responses.delete(ids[2] ?? '');
    await expect.poll(async () => (await undelivered(key)).data.map(({ id }) => id), PATIENCE).not.toContain(ids[2]);
  });

  it('lists nothing of a response that is deleted while its receiver refuses it for the first time', async () => {
    const { key, client } = newCaller(world.endpoints);
    receiver.answer(500);
    const azure = steer(world.endpoints);
    await azure.plan('create', { kind: 'pace', runningMs: 1_000 });
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: `Say ${azure.marker}`, background: true });
    const entry = `webhook:${id}`;
    const held = { container: 'directory', status: 'hold', contains: entry };
    await planStore(world.endpoints, { ...held, operation: 'upsert' });
    await expect.poll(() => heldFor(world.endpoints, entry), PATIENCE).toBe(1);
    await client.responses.delete(id);
    await planStore(world.endpoints, { ...held, operation: 'delete', applied: true });
    await release(world.endpoints, entry);
    await expect.poll(() => heldFor(world.endpoints, entry), PATIENCE).toBe(1);
    expect((await undelivered(key)).data).toEqual([]);
    await release(world.endpoints, entry);
    receiver.answer(200);
  });

  it('is told of by the timer when whoever should have told has died', async () => {
    const { client } = newCaller(world.endpoints);
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: 'Say hello', background: true });
    await expect.poll(() => receiver.about(id), PATIENCE).toHaveLength(1);
    const past = Date.now() - 600_000;
    const record = await recordOf(world.endpoints, id);
    const webhook = { state: 'pending', endedAt: past, attempts: 0, nextAt: past };
    await alter(world.endpoints, id, { createdAt: past / 1000, run: { ...record?.run, webhook } });
    await fire(world.endpoints, 'reconcile');
    await expect.poll(() => receiver.about(id), PATIENCE).toHaveLength(2);
  });
});

/** The responses that the receiver has been told of. */
const toldOf = (): string[] => [
  ...new Set(receiver.about('').map(({ body }) => /resp_[0-9a-f]{48}/.exec(body)?.[0] ?? body)),
];

describe('the webhook tells of the analysis of a dropped document', () => {
  it('that is completed, and of none that has no response', async () => {
    const box = await openDropBox(world.endpoints);
    const name = `${newFolder()}/good.pdf`;
    // Tellings of earlier tests may still be repeated meanwhile.
    const before = toldOf();
    await box.errorOf(`${name}.txt`, await box.drop(`${name}.txt`, 'no pdf'));
    const { response_id: id } = await box.analysisOf(name, await box.drop(name, await textPdf(['Good news.'])));
    await expect.poll(() => receiver.about(id)[0]?.body, PATIENCE).toContain('response.completed');
    expect(toldOf().filter((told) => !before.includes(told))).toEqual([id]);
  });

  it('that is cancelled', async () => {
    const azure = steer(world.endpoints);
    await azure.plan('create', { kind: 'stuck', state: 'in_progress' });
    const box = await openDropBox(world.endpoints);
    const api = documentsApi(world.endpoints);
    const name = `${newFolder()}/stuck.pdf`;
    await box.drop(name, await textPdf(['No news.']), { prompt: `Say ${azure.marker}` });
    await expect.poll(async () => (await azure.counts()).received.create, PATIENCE).toBe(1);
    const [found] = (await api.list(`?path=${name}`)).data;
    await api.post(found?.id ?? '', 'cancel');
    await expect
      .poll(() => receiver.about(found?.response_id ?? '')[0]?.body, PATIENCE)
      .toContain('response.cancelled');
  });

  it('when its receiver takes it at last, long after the document has ended', async () => {
    receiver.answer(500);
    const box = await openDropBox(world.endpoints);
    const name = `${newFolder()}/late.pdf`;
    const analysed = await box.analysisOf(name, await box.drop(name, await textPdf(['Late news.'])));
    await documentsApi(world.endpoints).settled(analysed.document_id, 'completed');
    const id = analysed.response_id;
    await expect.poll(async () => (await undelivered('local')).data.map((entry) => entry.id), PATIENCE).toContain(id);
    receiver.answer(200);
    await expect.poll(async () => (await undelivered('local')).data, PATIENCE).toEqual([]);
    expect(receiver.about(id).length).toBeGreaterThan(1);
  });
});
