import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, eventsOf, faultsOf, openStream, resumeStream, textOf } from '../../support/event-stream.ts';
import { startReceiver, type Receiver } from '../../support/receiver.ts';
import { steer, type Steering } from '../../support/simulator.ts';
import { newCaller, openDatabase, startWorld, type World } from '../../support/world.ts';

const PATIENCE = { timeout: 75_000, interval: 200 };

let receiver: Receiver;
let world: World;
beforeAll(async () => {
  receiver = await startReceiver();
  world = await startWorld({ environment: { WEBHOOK_URL: receiver.address, WEBHOOK_SECRETS: receiver.secret } });
});
afterAll(async () => {
  await world.stop();
  await receiver.stop();
});

/** What became of one background create. */
interface Outcome {
  status: string;
  runs: number;
  possiblyDuplicated: boolean;
}

async function outcomeOf(id: string, azure: Steering): Promise<Outcome> {
  const chains = (await openDatabase(world.endpoints)).container('chains');
  const { resource } = await chains
    .item(id, id.slice(5, 29))
    .read<{ status: string; run?: { possiblyDuplicated?: true } }>();
  return {
    status: resource?.status ?? 'lost',
    runs: await azure.runs(),
    possiblyDuplicated: resource?.run?.possiblyDuplicated === true,
  };
}

const ONCE: Outcome = { status: 'completed', runs: 1, possiblyDuplicated: false };

describe('kill -9 of the host', () => {
  it('at every step of a background response: none is lost, none is paid for twice unless the answer was lost', async () => {
    const { key, client } = newCaller(world.endpoints);
    const begin = async (azure: Steering): Promise<string> =>
      (await client.responses.create({ model: 'gpt-4.1', input: `Say ${azure.marker}`, background: true })).id;

    const putOff = steer(world.endpoints);
    await putOff.plan('create', { kind: 'throttle', retryAfterSeconds: 3 });
    const queued = steer(world.endpoints);
    await queued.plan('create', { kind: 'pace', queuedMs: 4_000 });
    const running = steer(world.endpoints);
    await running.plan('create', { kind: 'pace', runningMs: 4_000 });
    const pumped = steer(world.endpoints);
    await pumped.plan('create', { kind: 'slow', betweenMs: 300 });
    const submitting = steer(world.endpoints);
    await submitting.plan('create', { kind: 'slow', beforeMs: 3_000 });

    const ids = await Promise.all([begin(putOff), begin(queued), begin(running)]);
    const live = eventsOf(await openStream(world.endpoints, key, { input: `Count to 40 and say ${pumped.marker}` }));
    const seen = [];
    for await (const event of live) if (seen.push(event) === 6) break;
    const streamed = seen[0]?.response?.id ?? '';
    // Its answer is on the way when the host dies: nobody can know whether it was taken.
    void begin(submitting).catch(() => undefined);
    await expect.poll(async () => (await submitting.counts()).received.create, PATIENCE).toBe(1);
    const unanswered = (await client.get<{ data: { id: string }[] }>('/responses')).data.map(({ id }) => id);
    const lost = unanswered.find((id) => ![...ids, streamed].includes(id)) ?? '';

    await world.killHost();

    await Promise.all([
      ...[putOff, queued, running].map((azure, index) =>
        expect.poll(() => outcomeOf(ids[index] ?? '', azure), PATIENCE).toEqual(ONCE),
      ),
      expect.poll(() => outcomeOf(streamed, pumped), PATIENCE).toEqual(ONCE),
      expect
        .poll(() => outcomeOf(lost, submitting), PATIENCE)
        .toMatchObject({ status: 'completed', possiblyDuplicated: true }),
    ]);
    expect([1, 2]).toContain(await submitting.runs());
    await expect
      .poll(async () => faultsOf(await resumeStream(world.endpoints, key, streamed).then(collect)), PATIENCE)
      .toEqual([]);
    const events = await resumeStream(world.endpoints, key, streamed).then(collect);
    expect(events.slice(0, seen.length)).toEqual(seen);
    expect(textOf(events)).toBe((await client.responses.retrieve(streamed)).output_text);
    // A kill may make a receiver hear twice, with the same id; it never hears nothing.
    for (const id of [...ids, streamed, lost]) {
      await expect
        .poll(() => new Set(receiver.about(id).map((hook) => hook.headers['webhook-id'])).size, PATIENCE)
        .toBe(1);
    }
  }, 150_000);
});
