import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  collect,
  eventsOf,
  faultsOf,
  openStream,
  resumeStream,
  textOf,
  type StreamEvent,
} from '../../support/event-stream.ts';
import { startReceiver, type Receiver } from '../../support/receiver.ts';
import { alter, fire, heldFor, planStore, recordOf } from '../../support/records.ts';
import { steer, type Steering } from '../../support/simulator.ts';
import { newCaller, startWorld, type World } from '../../support/world.ts';

/** The lease of a submission whose submitter died lasts 40 s. */
const PATIENCE = { timeout: 80_000, interval: 250 };

/** Longer than it takes to bring all the others to their steps. */
const LONG_MS = 40_000;

let receiver: Receiver;
let world: World;

/** A caller who makes one response. */
interface One extends ReturnType<typeof newCaller> {
  azure: Steering;
}

const begin = async ({ client, azure }: One): Promise<string> =>
  (await client.responses.create({ model: 'gpt-4.1', input: `Say ${azure.marker}`, background: true })).id;

/** Creates a response without waiting for the answer, which never comes. */
const beginInVain = (one: One): void => void begin(one).catch(() => undefined);

/** What the caller finds afterwards. */
async function onlyIdOf({ client }: One): Promise<string> {
  const { data } = await client.get<{ data: { id: string }[] }>('/responses');
  expect(data).toHaveLength(1);
  return data[0]?.id ?? '';
}

const asked = ({ azure }: One): Promise<void> =>
  expect.poll(async () => (await azure.counts()).received.create, PATIENCE).toBe(1);

/** Holds back a write of the record, before it is done or (`applied`) before its answer. */
const hold = (contains: string, operation: string, applied = false): Promise<void> =>
  planStore(world.endpoints, { operation, container: 'chains', status: 'hold', applied, contains });

const held = (contains: string): Promise<void> =>
  expect.poll(() => heldFor(world.endpoints, contains), PATIENCE).toBe(1);

/** Waits until the record says how it went, and the receiver was told, however often, of one event. */
async function ends(one: One, id: string, expected: { runs: unknown; possiblyDuplicated?: true }): Promise<void> {
  const outcome = async (): Promise<unknown> => {
    const record = await recordOf(world.endpoints, id);
    const { status, run: { possiblyDuplicated } = {} } = record ?? { status: 'lost' };
    const events = new Set(receiver.about(id).map(({ headers }) => headers['webhook-id'])).size;
    return { status, possiblyDuplicated, runs: await one.azure.runs(), events };
  };
  await expect
    .poll(outcome, PATIENCE)
    .toEqual({ status: 'completed', possiblyDuplicated: expected.possiblyDuplicated, runs: expected.runs, events: 1 });
}

/** Brings one response to a step; gives what must be found when the host has been killed there. */
type Step = (one: One) => Promise<() => Promise<void>>;

const ONCE = { runs: 1 };

const atService =
  (kind: string, more: Record<string, unknown>): Step =>
  async (one) => {
    await one.azure.plan('create', { kind, ...more });
    const id = await begin(one);
    return () => ends(one, id, ONCE);
  };

/** Holds the write that ends the run. */
const atItsEnd =
  (applied: boolean): Step =>
  async (one) => {
    await one.azure.plan('create', { kind: 'pace', runningMs: 3_000 });
    const id = await begin(one);
    await expect.poll(async () => (await one.client.responses.retrieve(id)).status, PATIENCE).toBe('in_progress');
    await hold(id, 'replace', applied);
    await held(id);
    return () => ends(one, id, ONCE);
  };

/** Waits until a response is cancelled once and for all: told of, its run at the service at its end, and never begun again. */
async function isCancelled(one: One, id: string): Promise<void> {
  const outcome = async (): Promise<unknown> => {
    const { status, run } = (await recordOf(world.endpoints, id)) ?? { status: 'lost' };
    const events = new Set(receiver.about(id).map(({ headers }) => headers['webhook-id'])).size;
    return { status, endedHere: run?.endedHere, events, creates: (await one.azure.counts()).received.create };
  };
  await expect.poll(outcome, PATIENCE).toEqual({ status: 'cancelled', endedHere: undefined, events: 1, creates: 1 });
  expect(receiver.about(id).map(({ body }) => /response\.\w+/.exec(body)?.[0])).toContain('response.cancelled');
}

const LATE_COST = '"lateUsage"';

/** Cancels a run that would never end at the service. */
const cancelled =
  (reach: (one: One, id: string) => Promise<void>): Step =>
  async (one) => {
    await one.azure.plan('create', { kind: 'stuck', state: 'in_progress' });
    const id = await begin(one);
    await expect.poll(async () => (await one.client.responses.retrieve(id)).status, PATIENCE).toBe('in_progress');
    await reach(one, id);
    return async () => {
      await isCancelled(one, id);
      expect((await one.azure.counts()).received.cancel).toBe(1);
    };
  };

/** Cancels a response that is being submitted. What the service makes of that, nobody will ever hear. */
const cancelledEarly =
  (reach: (one: One) => Promise<void>): Step =>
  async (one) => {
    await reach(one);
    const id = await onlyIdOf(one);
    expect((await one.client.responses.cancel(id)).status).toBe('cancelled');
    return () => isCancelled(one, id);
  };

/** A create with an `Idempotency-Key` that is repeated when its host has died over it. */
const keyed =
  (form: Record<string, unknown>): Step =>
  async (one) => {
    await one.azure.plan('create', { kind: 'slow', beforeMs: LONG_MS });
    const create = async (): Promise<{ status: number; text: string; replayed: boolean }> => {
      const input = `Say ${one.azure.marker}`;
      const answer = await openStream(world.endpoints, one.key, { input, ...form }, { 'idempotency-key': 'once' });
      const replayed = answer.headers.get('idempotency-replayed') === 'true';
      return { status: answer.status, text: await answer.text(), replayed };
    };
    void create().catch(() => undefined);
    await asked(one);
    return async () => {
      const repeated = await create();
      expect(repeated.status).toBe(200);
      const id = await onlyIdOf(one);
      expect(repeated.text).toContain(id);
      await expect.poll(async () => (await one.client.responses.retrieve(id)).status, PATIENCE).toBe('completed');
      expect(await create()).toMatchObject({ status: 200, text: expect.stringContaining(id), replayed: true });
      // Nobody can know whether the service ran the first: it is asked once more, and no more often.
      expect((await one.azure.counts()).received.create).toBe(2);
      const noted = `${world.output()}${world.errors()}`.split('\n').filter((line) => line.includes(id));
      expect(noted.some((line) => line.includes('possibly-duplicated'))).toBe(true);
    };
  };

const STEPS: Record<string, Step> = {
  'the record is written, and the loop not started': async (one) => {
    await hold(one.azure.marker, 'create', true);
    beginInVain(one);
    await held(one.azure.marker);
    return async () => {
      const id = await onlyIdOf(one);
      // The reconciler looks at what is older than a create can take.
      await alter(world.endpoints, id, { createdAt: Math.floor(Date.now() / 1000) - 300 });
      await fire(world.endpoints, 'reconcile');
      await ends(one, id, { runs: 1, possiblyDuplicated: true });
    };
  },
  'the loop is started, and the service has not answered': async (one) => {
    await one.azure.plan('create', { kind: 'slow', beforeMs: LONG_MS });
    beginInVain(one);
    await asked(one);
    return async () => ends(one, await onlyIdOf(one), { runs: expect.toBeOneOf([1, 2]), possiblyDuplicated: true });
  },
  'the service has answered, and its id is not written': async (one) => {
    await hold(one.azure.marker, 'replace');
    beginInVain(one);
    await held(one.azure.marker);
    return async () => ends(one, await onlyIdOf(one), { runs: 2, possiblyDuplicated: true });
  },
  'the service has put it off': atService('throttle', { retryAfterSeconds: 20 }),
  'it waits at the service': atService('pace', { queuedMs: LONG_MS / 2 }),
  'it runs at the service': atService('pace', { runningMs: LONG_MS / 2 }),
  'its end is being written': atItsEnd(false),
  'its end is written, and nobody knows': atItsEnd(true),
  'the receiver of the webhook is being told': async (one) => {
    await one.azure.plan('create', { kind: 'pace', runningMs: 1_500 });
    const id = await begin(one);
    receiver.ignoreNext(id);
    await expect.poll(() => receiver.about(id), PATIENCE).toHaveLength(1);
    return async () => {
      await expect.poll(() => receiver.about(id), PATIENCE).toHaveLength(2);
      await ends(one, id, ONCE);
    };
  },
  'its stream is being pumped': async (one) => {
    await one.azure.plan('create', { kind: 'slow', betweenMs: 1_000 });
    const answer = await openStream(world.endpoints, one.key, { input: `Count to 40 and say ${one.azure.marker}` });
    const seen: StreamEvent[] = [];
    for await (const event of eventsOf(answer)) if (seen.push(event) === 6) break;
    const id = seen[0]?.response?.id ?? '';
    return async () => {
      await ends(one, id, ONCE);
      const events = await resumeStream(world.endpoints, one.key, id).then(collect);
      expect(faultsOf(events)).toEqual([]);
      expect(events.slice(0, seen.length)).toEqual(seen);
      expect(textOf(events)).toBe((await one.client.responses.retrieve(id)).output_text);
    };
  },
  'its cancel is written, and the service not told': cancelled(async (one, id) => {
    // Its loop would tell the service, too, but for a look that takes long.
    await one.azure.plan('retrieve', { kind: 'slow', beforeMs: LONG_MS });
    await hold(id, 'replace', true);
    void one.client.responses.cancel(id).catch(() => undefined);
    await held(id);
  }),
  'its cancel is told to the service, and nothing written behind it': cancelled(async (one, id) => {
    await hold(LATE_COST, 'replace');
    await one.client.responses.cancel(id);
    await held(LATE_COST);
  }),
  'it is cancelled before the service has answered its submission': cancelledEarly(async (one) => {
    await one.azure.plan('create', { kind: 'slow', beforeMs: LONG_MS });
    beginInVain(one);
    await asked(one);
  }),
  'it is cancelled before the answer to its submission is written': cancelledEarly(async (one) => {
    await hold(one.azure.marker, 'replace');
    beginInVain(one);
    await held(one.azure.marker);
  }),
  'a plain create with a key is at the service': keyed({ stream: false, background: false }),
  'a streamed create with a key is at the service': keyed({ background: false }),
  'a background create with a key is at the service': keyed({ stream: false }),
};

beforeAll(async () => {
  receiver = await startReceiver();
  world = await startWorld({ environment: { WEBHOOK_URL: receiver.address, WEBHOOK_SECRETS: receiver.secret } });
});
afterAll(async () => {
  await world.stop();
  await receiver.stop();
});

describe('kill -9 of the host', () => {
  const checks = new Map<string, () => Promise<void>>();

  it('comes when a response stands at every step', async () => {
    const reached = Object.entries(STEPS).map(async ([what, reach]) => {
      checks.set(what, await reach({ ...newCaller(world.endpoints), azure: steer(world.endpoints) }));
    });
    await Promise.all(reached);
    await world.killHost();
  }, 90_000);

  // One after the other: what the first waits for, a lease that runs out, the others need not wait for again.
  it.each(Object.keys(STEPS))(
    'when %s: it is not lost, and paid twice only where an answer was lost',
    async (what) => {
      const check = checks.get(what);
      if (check === undefined) throw new Error('That step was never reached.');
      await check();
    },
    120_000,
  );
});
