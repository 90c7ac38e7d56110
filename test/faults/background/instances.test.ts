import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sideOf } from '../../support/answers/checked-fetch.ts';
import { chainIdOf } from '../../support/chains.ts';
import { collect, eventsOf, faultsOf, openStream, resumeStream, type StreamEvent } from '../../support/event-stream.ts';
import type { Receiver } from '../../support/receiver.ts';
import {
  alter,
  endLoop,
  fire,
  heldFor,
  planStore,
  release,
  startLoop,
  suspendLoop,
  type StoredRecord,
} from '../../support/records.ts';
import type { ShiftedHost } from '../../support/second-host.ts';
import { steer } from '../../support/simulator.ts';
import { begin, PATIENCE, startTwoHosts, type Given, type TwoHosts } from '../../support/two-hosts.ts';
import { newCaller, openBlobs, type World } from '../../support/world.ts';

const HOUR_MS = 3_600_000;

let hosts: TwoHosts;
let receiver: Receiver;
let world: World;
let second: ShiftedHost;
beforeAll(async () => {
  hosts = await startTwoHosts();
  ({ receiver, world, second } = hosts);
});
afterAll(() => hosts.stop());

const given = (): Given => hosts.given();
const stored = (id: string): Promise<StoredRecord | undefined> => hosts.stored(id);
const statusOf = async (id: string): Promise<string> => (await stored(id))?.status ?? 'none';
const becomes = (id: string, status: string): Promise<void> => hosts.becomes(id, status);

/** A create with an `Idempotency-Key`. */
const createOnce = (gateway: string, key: string, body: Record<string, unknown>): Promise<Response> =>
  fetch(`${gateway}/openai/v1/responses`, {
    method: 'POST',
    headers: { 'api-key': key, 'content-type': 'application/json', 'idempotency-key': 'once' },
    body: JSON.stringify({ model: 'gpt-4.1', ...body }),
  });

it('what both hosts answer is checked, as that of every host that a test starts', () => {
  const { gateway, openai } = world.endpoints;
  const sides = [gateway, second.gateway, openai].map((address) => sideOf(new URL(address)));
  expect(sides).toEqual(['gateway', 'gateway', 'service']);
});

describe('two hosts on the same stores', () => {
  it('a viewer sees the whole stream of the first', async () => {
    const { key } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    await azure.plan('create', { kind: 'slow', betweenMs: 50 });
    const live = eventsOf(await openStream(world.endpoints, key, { input: `Say ${azure.marker}` }));
    const events = [(await live.next()).value as StreamEvent];
    const elsewhere = resumeStream({ gateway: second.gateway }, key, events[0]?.response?.id ?? '').then(collect);
    for await (const event of live) events.push(event);
    expect(faultsOf(events)).toEqual([]);
    expect(await elsewhere).toEqual(events);
  });

  it('a cancel stops the stream of the first', async () => {
    const { key } = newCaller(world.endpoints);
    const azure = steer(world.endpoints);
    await azure.plan('create', { kind: 'slow', betweenMs: 200 });
    const live = eventsOf(await openStream(world.endpoints, key, { input: `Say ${azure.marker}` }));
    const events = [(await live.next()).value as StreamEvent];
    const id = events[0]?.response?.id ?? '';
    await fetch(`${second.gateway}/openai/v1/responses/${id}/cancel`, {
      method: 'POST',
      headers: { 'api-key': key },
    });
    for await (const event of live) events.push(event);
    expect(events.at(-1)?.response?.status).toBe('cancelled');
  });

  it('drive a run with one loop, however often it is started, and with two', async () => {
    const one = given();
    await one.azure.plan('create', { kind: 'pace', runningMs: 1_500 });
    const id = await begin(one, one.client);
    expect(await Promise.all([startLoop(world.endpoints, id), startLoop(world.endpoints, id)])).toEqual([409, 409]);
    expect(await startLoop(second, id)).toBe(202);
    await becomes(id, 'completed');
    expect(await one.azure.runs()).toBe(1);
    await expect.poll(() => new Set(receiver.about(id).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  }, 90_000);

  it('find in the log all that a viewer can have seen before the end of the record is written', async () => {
    const { key, azure } = given();
    // What comes after a crash is made from the record: it would tell the rest in other events than were shown.
    const ending = '"status":"completed"';
    const logs = (await openBlobs(world.endpoints)).getContainerClient('events');
    await logs.exists();
    await planStore(world.endpoints, { operation: 'replace', status: 'hold', contains: ending });
    const live = eventsOf(await openStream(world.endpoints, key, { input: `Count to 20 and say ${azure.marker}` }));
    const events: StreamEvent[] = [];
    const reading = (async () => {
      for await (const event of live) events.push(event);
    })();
    await expect.poll(() => heldFor(world.endpoints, ending), { ...PATIENCE, interval: 5 }).toBe(1);
    const id = events[0]?.response?.id ?? '';
    const log = await logs.getBlobClient(`${chainIdOf(id)}/${id}.log`).downloadToBuffer();
    await release(world.endpoints, ending);
    await reading;
    expect(log.toString().match(/^event: /gm)).toHaveLength(events.length - 1);
  }, 90_000);

  it('keep a link that is given while the end of the run is written', async () => {
    const { key, client, azure } = given();
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

describe('the reconciler', () => {
  /** As a crash between two awaits leaves it, some minutes later: accepted, with nothing behind it. */
  async function orphan(one: Given, plan: Record<string, unknown>): Promise<string> {
    await one.azure.plan('create', plan);
    const id = await begin(one, one.client);
    await endLoop(world.endpoints, id);
    return id;
  }
  const MINUTES_AGO = (): number => Math.floor(Date.now() / 1000) - 300;

  it('starts the loop of a run that has none, once, also when both hosts find it', async () => {
    const one = given();
    const id = await orphan(one, { kind: 'throttle', retryAfterSeconds: 1 });
    await alter(world.endpoints, id, { createdAt: MINUTES_AGO() });
    await Promise.all([fire(world.endpoints, 'reconcile'), fire(second, 'reconcile')]);
    await becomes(id, 'completed');
    expect(await one.azure.runs()).toBe(1);
    await expect
      .poll(() => `${world.output()}${world.errors()}${second.lines().join('')}`, PATIENCE)
      .toContain('repaired');
  }, 90_000);

  it('moves a run whose loop has not moved for ten minutes, and no other', async () => {
    const [stalled, moving] = [given(), given()];
    await stalled.azure.plan('create', { kind: 'pace', runningMs: 1_000 });
    await moving.azure.plan('create', { kind: 'stuck', state: 'in_progress' });
    const id = await begin(stalled, stalled.elsewhere);
    const other = await begin(moving, moving.elsewhere);
    await suspendLoop(second, id);
    const looks = async (): Promise<number> => (await moving.azure.counts()).received.retrieve ?? 0;
    const before = await looks();
    await second.shift(11 * 60_000);
    try {
      // By the new clock, too: two looks lie a whole round of its loop apart.
      await expect.poll(looks, PATIENCE).toBeGreaterThan(before + 2);
      await expect.poll(async () => (await fire(second, 'reconcile'), statusOf(id)), PATIENCE).toBe('completed');
    } finally {
      await second.shift(0);
    }
    const repaired = (): string[] =>
      second.lines().filter((line) => line.includes('repaired') && line.includes('stalled'));
    await expect.poll(() => repaired().filter((line) => line.includes(id)), PATIENCE).not.toEqual([]);
    expect(repaired().filter((line) => line.includes(other))).toEqual([]);
    expect(await stalled.azure.runs()).toBe(1);
    await moving.client.responses.cancel(other);
  }, 90_000);

  it('tells the webhook of a run that was ended when nothing was behind it any more', async () => {
    const one = given();
    const id = await orphan(one, { kind: 'throttle', retryAfterSeconds: 60 });
    await one.client.responses.cancel(id);
    expect((await stored(id))?.run?.webhook?.state).toBe('pending');
    await alter(world.endpoints, id, { createdAt: MINUTES_AGO(), 'run/webhook/nextAt': Date.now() - 15 * 60_000 });
    await fire(world.endpoints, 'reconcile');
    await expect.poll(() => receiver.about(id)[0]?.body, PATIENCE).toContain('response.cancelled');
    await expect.poll(async () => (await stored(id))?.run?.webhook?.state, PATIENCE).toBe('delivered');
  }, 90_000);

  it('does not wait for the hour that a clock has been set back by', async () => {
    const one = given();
    const id = await orphan(one, { kind: 'throttle', retryAfterSeconds: 1 });
    await alter(world.endpoints, id, { createdAt: Math.floor((Date.now() + HOUR_MS) / 1000) });
    await fire(world.endpoints, 'reconcile');
    await becomes(id, 'completed');
  }, 90_000);
});

describe('a clock that is set', () => {
  it('forward by an hour: leases end early, and what may be paid twice for that is noted', async () => {
    const run = given();
    await run.azure.plan('create', { kind: 'slow', beforeMs: 3_000 });
    const plain = given();
    await plain.azure.plan('create', { kind: 'slow', beforeMs: 3_000 });
    const submitted = begin(run, run.elsewhere);
    const body = {
      input: `Use python to compute 17 * 23. ${plain.azure.marker}`,
      tools: [{ type: 'code_interpreter', container: { type: 'auto' } }],
    };
    const first = createOnce(second.gateway, plain.key, body);
    await expect.poll(async () => (await run.azure.counts()).received.create, PATIENCE).toBe(1);
    await expect.poll(async () => (await plain.azure.counts()).received.create, PATIENCE).toBe(1);
    await second.shift(HOUR_MS);
    const repeated = createOnce(second.gateway, plain.key, body);

    const answers = await Promise.all((await Promise.all([first, repeated])).map((answer) => answer.json()));
    // One response, also for the one who was taken for dead.
    expect(answers[0]).toEqual(answers[1]);
    const runs = await plain.azure.runs();
    expect(runs).toBeLessThanOrEqual(2);
    // What the service keeps of the other one is nobody's.
    await expect.poll(async () => (await plain.azure.counts()).received.delete ?? 0, PATIENCE).toBe(runs - 1);
    await expect.poll(async () => (await plain.client.containers.list()).data.length, PATIENCE).toBe(1);
    const { id } = answers[0] as { id: string };
    expect(second.lines().filter((line) => line.includes('possibly-duplicated') && line.includes(id))).toHaveLength(1);

    const accepted = await submitted;
    await becomes(accepted, 'completed');
    expect(await run.azure.runs()).toBeLessThanOrEqual(2);
    expect((await stored(accepted))?.run?.possiblyDuplicated).toBe(true);
  }, 90_000);

  it('back by an hour: nothing waits for it', async () => {
    await second.shift(HOUR_MS);
    const [putOff, running, streamed, plain] = [given(), given(), given(), given()];
    await putOff.azure.plan('create', { kind: 'throttle', retryAfterSeconds: 3 });
    await running.azure.plan('create', { kind: 'pace', runningMs: 2_000 });
    await streamed.azure.plan('create', { kind: 'slow', betweenMs: 100 });
    const ids = await Promise.all([begin(putOff, putOff.elsewhere), begin(running, running.elsewhere)]);
    const live = eventsOf(await openStream(second, streamed.key, { input: `Say ${streamed.azure.marker}` }));
    const events = [(await live.next()).value as StreamEvent];
    // The lease of a first create that died when the clock was still ahead.
    const body = { input: `Say ${plain.azure.marker}` };
    await plain.azure.plan('create', { kind: 'slow', beforeMs: 3_000 });
    const first = createOnce(second.gateway, plain.key, body);
    await expect.poll(async () => (await plain.azure.counts()).received.create, PATIENCE).toBe(1);
    await second.shift(0);
    const repeated = createOnce(second.gateway, plain.key, body);

    await Promise.all(ids.map((id) => becomes(id, 'completed')));
    for await (const event of live) events.push(event);
    expect(faultsOf(events)).toEqual([]);
    for (const answer of await Promise.all([first, repeated])) expect(answer.status).toBe(200);
    for (const { azure } of [putOff, running, streamed]) expect(await azure.runs()).toBe(1);
    for (const id of ids) await expect.poll(() => receiver.about(id), PATIENCE).not.toEqual([]);
  }, 90_000);
});
