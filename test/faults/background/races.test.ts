import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chainsApi, chainIdOf } from '../../support/chains.ts';
import { collect, eventsOf, faultsOf, openStream, resumeStream, type StreamEvent } from '../../support/event-stream.ts';
import { alter, heldFor, planStore, release, startLoop } from '../../support/records.ts';
import type { ShiftedHost } from '../../support/second-host.ts';
import { begin, PATIENCE, startTwoHosts, type Given, type TwoHosts } from '../../support/two-hosts.ts';
import { openBlobs, type World } from '../../support/world.ts';

const HALF_A_MINUTE_MS = 30_000;

let hosts: TwoHosts;
let world: World;
let second: ShiftedHost;
beforeAll(async () => {
  hosts = await startTwoHosts();
  ({ world, second } = hosts);
});
afterAll(() => hosts.stop());

const received = async ({ azure }: Given, operation: string): Promise<number> =>
  (await azure.counts()).received[operation] ?? 0;
const asked = (one: Given, operation: string, times = 1): Promise<void> =>
  expect.poll(() => received(one, operation), PATIENCE).toBe(times);
const held = (contains: string): Promise<void> =>
  expect.poll(() => heldFor(world.endpoints, contains), PATIENCE).toBe(1);

const onlyIdOf = async ({ client }: Given): Promise<string> => {
  const { data } = await client.get<{ data: { id: string }[] }>('/responses');
  expect(data).toHaveLength(1);
  return data[0]?.id ?? '';
};

/** Stops the second host in its tracks while something is done behind its back, as a long pause of its machine would. */
async function whileFrozen(act: () => Promise<void>): Promise<void> {
  process.kill(second.pid, 'SIGSTOP');
  try {
    await act();
  } finally {
    process.kill(second.pid, 'SIGCONT');
  }
}

const logOf = async (id: string) =>
  (await openBlobs(world.endpoints)).getContainerClient('events').getBlobClient(`${chainIdOf(id)}/${id}.log`);

/** The loop of a response has come to its end: on the second host, unless another one is named. */
const loopEnds = (id: string, { gateway }: { gateway: string } = second): Promise<void> =>
  expect
    .poll(async () => {
      const answer = await fetch(`${gateway}/runtime/webhooks/durabletask/instances/${id}`);
      return z.object({ runtimeStatus: z.string() }).parse(await answer.json()).runtimeStatus;
    }, PATIENCE)
    .toBe('Completed');

describe('a host that is only slow, and was taken for dead,', () => {
  it('becomes a viewer of the stream that another pumps now', async () => {
    const { key, azure } = hosts.given();
    await azure.plan('create', { kind: 'slow', betweenMs: 100 });
    const live = eventsOf(await openStream(second, key, { input: `Count to 20 and say ${azure.marker}` }));
    const events: StreamEvent[] = [];
    // Enough of them for the first to be in the log.
    while (events.length < 8) events.push((await live.next()).value as StreamEvent);
    const id = events[0]?.response?.id ?? '';
    await whileFrozen(async () => {
      // It is not renewed any more: in a quarter of a minute the lease would be gone by itself.
      await (await logOf(id)).getBlobLeaseClient().breakLease(0);
      await startLoop(world.endpoints, id);
      await hosts.becomes(id, 'completed');
    });
    for await (const event of live) events.push(event);
    expect(faultsOf(events)).toEqual([]);
    expect(await collect(await resumeStream(world.endpoints, key, id))).toEqual(events);
    expect(await azure.runs()).toBe(1);
    // The first host has asked the service for the rest.
    expect((await azure.requests()).map(({ path }) => path)).toContainEqual(expect.stringContaining('starting_after'));
  }, 90_000);

  /** The second host has asked the service, and freezes over it for longer than its lease; the first takes the run over. */
  async function submissionOutlived(one: Given): Promise<{ id: string; created: Promise<unknown> }> {
    const created = begin(one, one.elsewhere).catch((error: unknown) => error);
    await asked(one, 'create');
    const id = await onlyIdOf(one);
    await whileFrozen(async () => {
      const record = await hosts.stored(id);
      await alter(world.endpoints, id, {
        run: { ...record?.run, lease: { ...record?.run?.lease, until: Date.now() } },
      });
      await one.azure.plan('create', { kind: 'pace', runningMs: 3_000 });
      await startLoop(world.endpoints, id);
      await hosts.becomes(id, 'in_progress');
    });
    return { id, created };
  }

  it('takes back at the service what it has submitted beside its successor', async () => {
    const one = hosts.given();
    await one.azure.plan('create', { kind: 'slow', beforeMs: 1_000 });
    const { id, created } = await submissionOutlived(one);
    expect(await created).toBe(id);
    await asked(one, 'delete');
    await hosts.becomes(id, 'completed');
    expect((await hosts.stored(id))?.run).toMatchObject({ possiblyDuplicated: true });
    expect(await received(one, 'create')).toBe(2);
  }, 90_000);

  it('does not take back what its successor has submitted when its own submission is refused', async () => {
    const one = hosts.given();
    await one.azure.plan('create', { kind: 'slow', beforeMs: 1_000 });
    await one.azure.plan('create', { kind: 'status', status: 400 });
    const { id, created } = await submissionOutlived(one);
    expect(await created).toBe(id);
    await hosts.becomes(id, 'completed');
    expect(await one.azure.runs()).toBe(1);
  }, 90_000);

  it('leaves a cancel to another host, and to itself when it was killed and is back', async () => {
    const one = hosts.given();
    await one.azure.plan('create', { kind: 'stuck', state: 'in_progress' });
    const id = await begin(one, one.elsewhere);
    await hosts.becomes(id, 'in_progress');
    // The host that is asked has no loop for it, and the service does not listen: the rest is left to the loop of the dead one.
    await one.azure.plan('cancel', { kind: 'status', status: 503 });
    process.kill(second.pid, 'SIGSTOP');
    expect((await one.client.responses.cancel(id)).status).toBe('cancelled');
    expect(await received(one, 'cancel')).toBe(1);
    process.kill(second.pid, 'SIGKILL');
    await asked(one, 'cancel', 2);
    await expect.poll(() => hosts.receiver.about(id).length, PATIENCE).toBe(1);
    await expect.poll(async () => (await hosts.stored(id))?.run, PATIENCE).not.toHaveProperty('endedHere');
    expect((await hosts.stored(id))?.status).toBe('cancelled');
    await loopEnds(id);
    expect(hosts.receiver.about(id).map(({ body }) => /response\.\w+/.exec(body)?.[0])).toEqual(['response.cancelled']);
  }, 90_000);
});

describe('two hosts that look at a run which vanishes', () => {
  /** The first host is about to write what it has seen when the second submits the run, which is gone by then, once more. */
  async function resubmitted(one: Given, seen: 'its end' | 'nothing'): Promise<{ id: string; again?: string }> {
    const vanish = (): Promise<void> => one.azure.plan('retrieve', { kind: 'vanish' });
    await one.azure.plan('create', { kind: 'pace', runningMs: seen === 'its end' ? 1_500 : 60_000 });
    const id = await begin(one, one.client);
    await hosts.becomes(id, 'in_progress');
    const serviceId = async (): Promise<string | undefined> => (await hosts.stored(id))?.service?.id;
    const first = await serviceId();
    await planStore(world.endpoints, { operation: 'replace', status: 'hold', contains: id });
    if (seen === 'nothing') await vanish();
    await held(id);
    if (seen === 'its end') await vanish();
    await one.azure.plan('create', { kind: 'pace', queuedMs: 2_000, runningMs: 1_000 });
    expect(await startLoop(second, id)).toBe(202);
    await expect.poll(async () => (await serviceId()) ?? first, PATIENCE).not.toBe(first);
    const again = await serviceId();
    // It waits at the service once more. Callers have seen it at work, and nothing runs backwards.
    expect((await hosts.stored(id))?.status).toBe('in_progress');
    await release(world.endpoints, id);
    return { id, again };
  }

  it('submit it once more, not twice', async () => {
    const one = hosts.given();
    const { id } = await resubmitted(one, 'nothing');
    await hosts.becomes(id, 'completed');
    expect(await received(one, 'create')).toBe(2);
  }, 90_000);

  it('do not take the late end of the first run for that of the second', async () => {
    const one = hosts.given();
    const { id, again } = await resubmitted(one, 'its end');
    await hosts.becomes(id, 'completed');
    // The end that is told is that of the run which the record names: nothing is left at the service that no record knows.
    expect(await hosts.stored(id)).toMatchObject({ service: { id: again }, run: { possiblyDuplicated: true } });
  }, 90_000);
});

describe('a service that throttles for half a minute', () => {
  const ADVICE = { kind: 'throttle', retryAfterSeconds: 30 };

  /** The loop of another run on the same host goes round and round: by then that of the throttled one would have, too. */
  async function othersLook(): Promise<void> {
    const other = hosts.given();
    await other.azure.plan('create', { kind: 'stuck', state: 'in_progress' });
    const id = await begin(other, other.elsewhere);
    await expect.poll(() => received(other, 'retrieve'), PATIENCE).toBeGreaterThan(4);
    await other.elsewhere.responses.cancel(id);
  }

  it('is not asked again before, whether it is looked at or told to stop, and nothing waits for longer', async () => {
    const [looked, stopped] = [hosts.given(), hosts.given()];
    await looked.azure.plan('create', { kind: 'pace', runningMs: 500 });
    await looked.azure.plan('retrieve', ADVICE);
    await stopped.azure.plan('create', { kind: 'stuck', state: 'in_progress' });
    // The caller's own call, and the loop's first.
    await stopped.azure.plan('cancel', ADVICE, { times: 2 });
    const [id, other] = await Promise.all([begin(looked, looked.elsewhere), begin(stopped, stopped.elsewhere)]);
    await hosts.becomes(other, 'in_progress');
    expect((await stopped.elsewhere.responses.cancel(other)).status).toBe('cancelled');
    // Its answer has waited for nothing: in half a minute the loop and the caller would both have asked again.
    expect(await received(stopped, 'cancel')).toBeLessThan(3);
    await asked(stopped, 'cancel', 2);
    await othersLook();
    expect([await received(looked, 'retrieve'), await received(stopped, 'cancel')]).toEqual([1, 2]);
    await second.shift(HALF_A_MINUTE_MS + 1_000);
    try {
      await hosts.becomes(id, 'completed');
      await expect.poll(async () => (await hosts.stored(other))?.run, PATIENCE).not.toHaveProperty('endedHere');
    } finally {
      await second.shift(0);
    }
    expect([await received(stopped, 'cancel'), await looked.azure.runs()]).toEqual([3, 1]);
  }, 90_000);

  it('is told again to stop a stream that is still being pumped', async () => {
    const one = hosts.given();
    await one.azure.plan('create', { kind: 'stuck', state: 'in_progress' });
    await one.azure.plan('cancel', { kind: 'throttle', retryAfterSeconds: 1 }, { times: 2 });
    const live = eventsOf(await openStream(world.endpoints, one.key, { input: `Say ${one.azure.marker}` }));
    const events = [(await live.next()).value as StreamEvent];
    await one.client.responses.cancel(events[0]?.response?.id ?? '');
    for await (const event of live) events.push(event);
    expect(faultsOf(events)).toEqual([]);
    expect(events.at(-1)?.response?.status).toBe('cancelled');
    expect(await received(one, 'cancel')).toBe(3);
  }, 30_000);
});

describe('a deletion that comes in between', () => {
  it('leaves no event log, although a step was about to close it', async () => {
    const one = hosts.given();
    const events = await collect(await openStream(world.endpoints, one.key, { input: `Say ${one.azure.marker}` }));
    const id = events[0]?.response?.id ?? '';
    await expect.poll(() => hosts.receiver.about(id).length, PATIENCE).toBe(1);
    await expect.poll(async () => (await hosts.stored(id))?.run?.webhook?.state, PATIENCE).toBe('delivered');
    // Its own loop reads the record once more when it ends: that read is not to be held.
    await loopEnds(id, world.endpoints);
    const holdRead = { operation: 'read', container: 'chains', status: 'hold', applied: true, contains: id };
    await planStore(world.endpoints, holdRead);
    expect(await startLoop(second, id)).toBe(202);
    await held(id);
    // The second read of a step is the one that it goes by.
    await planStore(world.endpoints, holdRead);
    await release(world.endpoints, id);
    await held(id);
    await one.client.responses.delete(id);
    const log = await logOf(id);
    expect(await log.exists()).toBe(false);
    await release(world.endpoints, id);
    await loopEnds(id);
    expect(await log.exists()).toBe(false);
  }, 90_000);

  it.each([
    ['the first turn', 'upsert', false],
    ['a later turn', 'patch', true],
  ])(
    'of a whole chain leaves it out of the list, although %s was about to be noted',
    async (_what, operation, later) => {
      const one = hosts.given();
      const chains = chainsApi(world.endpoints, one.key);
      const parent = later
        ? (await one.client.responses.create({ model: 'gpt-4.1', input: 'Say hello' })).id
        : undefined;
      // The title of a new chain are the first words of its turn.
      const text = parent === undefined ? one.azure.marker : chainIdOf(parent);
      await planStore(world.endpoints, { operation, container: 'directory', status: 'hold', contains: text });
      const created = one.client.responses.create({
        model: 'gpt-4.1',
        input: `Say ${one.azure.marker}`,
        background: true,
        previous_response_id: parent,
      });
      await held(text);
      const { data } = await one.client.get<{ data: { id: string }[] }>('/responses');
      await chains.remove(`chains/${chainIdOf(data[0]?.id ?? '')}`);
      await release(world.endpoints, text);
      await created;
      expect((await chains.list()).data).toEqual([]);
    },
  );
});
