import { randomUUID } from 'node:crypto';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { steer } from '../support/simulator.ts';
import { cpuOf } from './host.ts';
import { at, oneByOne, timed, until } from './load.ts';
import { openStage, POLL_INTERVAL_MS, type Stage } from './stage.ts';
import type { Figure } from './table.ts';
import { firstEvent, readResponse, storeRequests } from './turns.ts';

/** Background responses: many at once, what the orchestration costs, how soon an end is seen. */

const LOOK_MS = 200;

/** What was used up while something was done. */
interface Used {
  cpuMs: number;
  storeRequests: number;
  ms: number;
}

async function used(stage: Stage, work: () => Promise<unknown>): Promise<Used> {
  const [cpu, requests] = [await cpuOf(stage.world.endpoints), await storeRequests(stage)];
  const ms = await timed(work);
  return {
    ms,
    cpuMs: (await cpuOf(stage.world.endpoints)) - cpu,
    storeRequests: (await storeRequests(stage)) - requests,
  };
}

export async function* background(stage: Stage, count: number): AsyncGenerator<Figure> {
  const { gateway } = stage.targets;
  const ask = async (more: Record<string, unknown>): Promise<string> =>
    (await readResponse(await stage.post(gateway, { input: 'hello', ...more }))).id;
  const atOnce = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, work));

  const plain = await used(stage, () => atOnce(() => ask({})));
  const accepting: number[] = [];
  const ids: string[] = [];
  let acceptedMs = 0;
  let looks = 0;
  const all = await used(stage, async () => {
    acceptedMs = await timed(() =>
      atOnce(async () => {
        accepting.push(await timed(async () => ids.push(await ask({ background: true }))));
      }),
    );
    for (const id of ids) {
      await until(LOOK_MS, async () => {
        looks += 1;
        return (await readResponse(await stage.get(gateway, `/${id}`))).status === 'completed' ? true : undefined;
      });
    }
  });
  const acceptedRate = (count / acceptedMs) * 1000;
  yield {
    what: `background, ${count} at once, accepted`,
    unit: '/s',
    gateway: acceptedRate,
    budget: { is: 'over 200 /s', kept: acceptedRate > 200 },
  };
  yield { what: `background, ${count} at once, accepted within, p95`, unit: 'ms', gateway: at(accepting, 0.95) };
  yield {
    what: `background, ${count} at once, finished`,
    unit: '',
    gateway: ids.length,
    budget: { is: 'all', kept: new Set(ids).size === count },
  };
  yield { what: `background, ${count} at once, accepted and finished`, unit: '/s', gateway: (count / all.ms) * 1000 };
  yield {
    what: 'background, host CPU beyond that of a plain create',
    unit: 'ms',
    gateway: (all.cpuMs - plain.cpuMs) / count,
  };
  yield {
    what: 'background, requests to Cosmos DB beyond a plain create',
    unit: '',
    // Each of our own looks is one read.
    gateway: (all.storeRequests - looks - plain.storeRequests) / count,
  };
}

const STREAMS = 100;

export async function* backgroundStream(stage: Stage): AsyncGenerator<Figure> {
  const { targets } = stage;
  const body = { background: true };
  const [direct, proxy, gateway] = [
    await oneByOne(STREAMS, () => firstEvent(stage, targets.direct, body)),
    await oneByOne(STREAMS, () => firstEvent(stage, targets.proxy, body)),
    await oneByOne(STREAMS, () => firstEvent(stage, targets.gateway, body)),
  ];
  for (const share of [0.5, 0.95]) {
    const added = at(gateway, share) - at(direct, share);
    yield {
      what: `background and streamed, first event, p${share * 100}`,
      unit: 'ms',
      direct: at(direct, share),
      proxy: at(proxy, share),
      gateway: at(gateway, share),
      budget: { is: "at most 50 ms after the service's", kept: added <= 50 },
    };
  }
}

const RUNS = 60;
/** Runs end at moments that have nothing to do with our looks. */
const SHORTEST_MS = 3_000;
const SPREAD_MS = 6_000;

/** From the end at the service until the receiver of the webhook knows, in a world of its own that has one. */
export async function* completion(): AsyncGenerator<Figure> {
  const receiver = await startReceiver();
  const stage = await openStage({ WEBHOOK_URL: receiver.address, WEBHOOK_SECRETS: receiver.secret });
  try {
    const lags = await Promise.all(Array.from({ length: RUNS }, () => lagOf(stage, receiver)));
    const median = at(lags, 0.5);
    yield {
      what: "from the service's end to ours, p50",
      unit: 'ms',
      gateway: median,
      budget: { is: `within one poll interval (${POLL_INTERVAL_MS} ms)`, kept: median < POLL_INTERVAL_MS },
    };
    yield { what: "from the service's end to ours, p95", unit: 'ms', gateway: at(lags, 0.95) };
  } finally {
    await stage.stop();
    await receiver.stop();
  }
}

async function lagOf(stage: Stage, receiver: Receiver): Promise<number> {
  const azure = steer(stage.world.endpoints, `m-${randomUUID()}`);
  const runningMs = SHORTEST_MS + Math.random() * SPREAD_MS;
  await azure.plan('create', { kind: 'pace', queuedMs: 0, runningMs });
  const { id } = await readResponse(
    await stage.post(stage.targets.gateway, { input: `Say ${azure.marker}`, background: true }),
  );
  const [create] = await azure.requests();
  const told = await until(LOOK_MS, () => Promise.resolve(receiver.about(id)[0]));
  return told.at - (create?.at ?? Number.NaN) - runningMs;
}
