import { z } from 'zod';
import { cosmosControl } from '../support/stores.ts';
import { cpuOf, memoryOf } from './host.ts';
import { at, oneByOne, p50, rate, timed, TOGETHER } from './load.ts';
import type { Stage } from './stage.ts';
import type { Figure } from './table.ts';

/** Plain and streamed turns, retrieving, long chains, memory. */

const ONE_BY_ONE = 200;
const STREAMS = 40;
const MANY = 1_600;
const DELTAS = 200;

type Measure = (target: string) => Promise<number>;
const each = async (
  { targets }: Stage,
  measure: Measure,
): Promise<Pick<Figure, 'direct' | 'proxy' | 'gateway'> & Required<Pick<Figure, 'direct' | 'proxy'>>> => ({
  direct: await measure(targets.direct),
  proxy: await measure(targets.proxy),
  gateway: await measure(targets.gateway),
});

const response = z.looseObject({ id: z.string(), status: z.string() });
export const readResponse = async (answer: Response): Promise<z.infer<typeof response>> =>
  response.parse(await answer.json());

export async function* create(stage: Stage): AsyncGenerator<Figure> {
  const ask = (target: string) => async (): Promise<unknown> => (await stage.post(target, { input: 'hello' })).json();
  await each(stage, (target) => rate(320, ask(target)));
  const alone = await each(stage, (target) => p50(ONE_BY_ONE, ask(target)));
  const added = (alone.gateway - alone.direct) / (alone.proxy - alone.direct);
  yield {
    what: 'create, one at a time, p50',
    unit: 'ms',
    ...alone,
    budget: { is: `adds at most 3 x what the proxy adds (${added.toFixed(1)} x)`, kept: added <= 3 },
  };
  const together = await each(stage, (target) => rate(MANY, ask(target)));
  yield {
    what: `create, ${TOGETHER} at a time`,
    unit: '/s',
    ...together,
    budget: { is: 'over 2,600 /s', kept: together.gateway > 2_600 },
  };
}

/** Milliseconds until the first event of a stream, until its end, and how many events there were. */
async function watch(answer: Promise<Response>): Promise<{ first: number; whole: number; events: number }> {
  const before = performance.now();
  const { body } = await answer;
  const decoder = new TextDecoder();
  let first: number | undefined;
  let events = 0;
  if (body !== null) {
    const chunks: AsyncIterable<Uint8Array> = body;
    for await (const chunk of chunks) {
      const begun = decoder.decode(chunk, { stream: true }).split('event: ').length - 1;
      if (begun > 0) first ??= performance.now() - before;
      events += begun;
    }
  }
  return { first: first ?? Number.NaN, whole: performance.now() - before, events };
}

export const firstEvent = async (stage: Stage, target: string, body: Record<string, unknown>): Promise<number> =>
  (await watch(stage.post(target, { input: 'hello', stream: true, ...body }))).first;

export async function* stream(stage: Stage): AsyncGenerator<Figure> {
  const first = await each(stage, async (target) =>
    at(await oneByOne(ONE_BY_ONE, () => firstEvent(stage, target, {})), 0.5),
  );
  yield {
    what: 'streamed create, first event, p50',
    unit: 'ms',
    ...first,
    budget: { is: "at most 3 ms after the service's", kept: first.gateway - first.direct <= 3 },
  };
  const perEvent: number[] = [];
  const whole = await each(stage, async (target) => {
    const seen = await oneByOne(STREAMS, async () => {
      const {
        whole,
        first: begun,
        events,
      } = await watch(stage.post(target, { input: `Count to ${DELTAS}`, stream: true }));
      perEvent.push(((whole - begun) / events) * 1000);
      return whole;
    });
    return at(seen, 0.5);
  });
  yield {
    what: `streamed create, ${DELTAS} deltas, whole, p50`,
    unit: 'ms',
    ...whole,
    budget: { is: "at most 1.3 x the proxy's", kept: whole.gateway <= 1.3 * whole.proxy },
  };
  const [direct, proxy, gateway] = [0, 1, 2].map((n) => at(perEvent.slice(n * STREAMS, (n + 1) * STREAMS), 0.5));
  yield { what: 'streamed create, per event, p50', unit: 'us', direct, proxy, gateway: gateway ?? Number.NaN };
}

export async function* retrieve(stage: Stage): AsyncGenerator<Figure> {
  const figures = await each(stage, async (target) => {
    const { id } = await readResponse(await stage.post(target, { input: 'hello' }));
    return rate(MANY, async () => (await stage.get(target, `/${id}`)).json());
  });
  yield {
    what: `retrieve, ${TOGETHER} at a time`,
    unit: '/s',
    ...figures,
    budget: { is: 'over 3,500 /s', kept: figures.gateway > 3_500 },
  };
}

const LENGTH = 500;

const counts = z.record(z.string(), z.record(z.string(), z.number()));

/** Requests to Cosmos DB so far. */
export async function storeRequests({ world }: Stage): Promise<number> {
  const byContainer = counts.parse(await cosmosControl(world.endpoints, 'GET', 'counts'));
  return Object.values(byContainer)
    .flatMap((operations) => Object.values(operations))
    .reduce((sum, count) => sum + count, 0);
}

/** A chain that grows turn by turn. Gives the time of its next turn. */
function growing(stage: Stage, target: string): () => Promise<number> {
  let parent: string | undefined;
  return () =>
    timed(async () => {
      parent = (await readResponse(await stage.post(target, { input: 'hello', previous_response_id: parent }))).id;
    });
}

/** Every so many turns one is watched at Cosmos DB. */
const WATCHED = 10;
const STRETCH = 100;

export async function* chain(stage: Stage): AsyncGenerator<Figure> {
  const next = {
    direct: growing(stage, stage.targets.direct),
    gateway: growing(stage, stage.targets.gateway),
  };
  const times: Record<'direct' | 'gateway', number[]> = { direct: [], gateway: [] };
  const requests: number[] = [];
  // The host's own CPU: times grow with the simulator, which reads the whole context.
  const cpu: number[] = [];
  for (let turn = 0; turn < LENGTH; turn += 1) {
    if ([0, STRETCH, LENGTH - STRETCH].includes(turn)) cpu.push(await cpuOf(stage.world.endpoints));
    // Turn by turn, so that what else the machine does falls on both.
    times.direct.push(await next.direct());
    const before = turn % WATCHED === 1 ? await storeRequests(stage) : undefined;
    times.gateway.push(await next.gateway());
    if (before !== undefined) requests.push((await storeRequests(stage)) - before);
  }
  cpu.push(await cpuOf(stage.world.endpoints));
  const figureOf = (from: number, to: number): { direct: number; gateway: number } => ({
    direct: at(times.direct.slice(from, to), 0.5),
    gateway: at(times.gateway.slice(from, to), 0.5),
  });
  yield { what: 'a turn in a chain, the 5th to 54th, p50', unit: 'ms', ...figureOf(4, 54) };
  yield { what: `a turn in a chain, the last 50 of ${LENGTH}, p50`, unit: 'ms', ...figureOf(LENGTH - 50, LENGTH) };
  const [early, late] = [((cpu[1] ?? 0) - (cpu[0] ?? 0)) / STRETCH, ((cpu[3] ?? 0) - (cpu[2] ?? 0)) / STRETCH];
  yield { what: `a turn in a chain, host CPU, the first ${STRETCH}`, unit: 'ms', gateway: early };
  yield {
    what: `a turn in a chain, host CPU, the last ${STRETCH}`,
    unit: 'ms',
    gateway: late,
    budget: { is: 'what the first cost, at most 1.25 x', kept: late <= 1.25 * early },
  };
  // The median: what timers read meanwhile is counted, too.
  const usual = at(requests, 0.5);
  yield {
    what: 'a turn in a chain, requests to Cosmos DB, p50',
    unit: '',
    gateway: usual,
    budget: { is: 'one read, two writes', kept: usual <= 3 },
  };
}

const ROUNDS = 10;

/** A mixed load; what the host process holds after each tenth of it. */
export async function* memory(stage: Stage, count: number): AsyncGenerator<Figure> {
  const { gateway } = stage.targets;
  const held: number[] = [];
  let n = 0;
  const ask = async (): Promise<unknown> => {
    n += 1;
    const answer = await stage.post(gateway, {
      input: 'hello',
      stream: n % 10 === 0,
      background: n % 20 === 0,
    });
    return answer.text();
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    await rate(count / ROUNDS, ask);
    held.push(await memoryOf(stage.world.endpoints));
  }
  const [begun, ended] = [held[ROUNDS / 2 - 1] ?? Number.NaN, held.at(-1) ?? Number.NaN];
  const limit = 300;
  const most = Math.max(...held);
  yield {
    what: `memory of the host, most over ${count} responses`,
    unit: 'MiB',
    gateway: most,
    budget: { is: `under ${limit} MiB`, kept: most < limit },
  };
  yield {
    what: `memory of the host, last tenth against the fifth`,
    unit: 'x',
    gateway: ended / begun,
    budget: { is: 'flat: at most 1.1', kept: ended <= 1.1 * begun },
  };
}
