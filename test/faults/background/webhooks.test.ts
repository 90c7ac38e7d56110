import { randomBytes } from 'node:crypto';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

interface Page {
  data: { id: string; state: string; attempts: number; last_status: number | null }[];
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
    const { key, client } = newCaller(world.endpoints);
    const deliveries = (): Promise<Page> =>
      fetch(`${world.endpoints.gateway}/webhooks/deliveries`, { headers: { 'api-key': key } }).then(
        (answer) => answer.json() as Promise<Page>,
      );
    receiver.answer(500);
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: 'Say hello', background: true });
    await expect
      .poll(async () => (await deliveries()).data, PATIENCE)
      .toMatchObject([{ id, state: 'retrying', attempts: 1, last_status: 500 }]);
    const replay = (of: string, delivery = id): Promise<Response> =>
      fetch(`${world.endpoints.gateway}/webhooks/deliveries/${delivery}/replay`, {
        method: 'POST',
        headers: { 'api-key': of },
      });
    const stranger = newCaller(world.endpoints).key;
    const unknown = `resp_${'0'.repeat(48)}`;
    const [foreign, nobodys] = [await replay(stranger), await replay(stranger, unknown)];
    expect([foreign.status, nobodys.status]).toEqual([404, 404]);
    expect((await foreign.text()).replaceAll(id, unknown)).toBe(await nobodys.text());
    expect(receiver.about(id)).toHaveLength(1);
    expect(await (await replay(key)).json()).toMatchObject({ state: 'retrying', attempts: 2 });
    receiver.answer(200);
    expect(await (await replay(key)).json()).toMatchObject({ id, state: 'delivered' });
    expect((await deliveries()).data).toEqual([]);
    expect(new Set(receiver.about(id).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect((await replay(key)).status).toBe(404);
  });
});
