/**
 * The gateway against the simulator called directly and against a bare Node proxy, in one run: `npm run bench`.
 * Figures of this machine and ratios; not a test.
 */
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newCaller, startWorld } from '../support/world.ts';

const ONE_BY_ONE = 200;
const TOGETHER = 16;
const MANY = 1_600;
const BACKGROUND = Number(process.argv[2] ?? 1_000);

const world = await startWorld({ environment: { POLL_INTERVAL_SECONDS: '2', POLL_MAX_INTERVAL_SECONDS: '30' } });
const { key } = newCaller(world.endpoints);
const service = new URL(world.endpoints.openai);
const proxy = createServer((incoming, outgoing) => {
  const { method, headers, url: path } = incoming;
  const call = forward({ host: service.hostname, port: service.port, method, headers, path }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(call);
});
await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
const targets = {
  direct: world.endpoints.openai,
  proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  gateway: world.endpoints.gateway,
};
type Figures = Record<keyof typeof targets, number>;

const post = (target: string, body: Record<string, unknown>): Promise<Response> =>
  fetch(`${target}/openai/v1/responses`, {
    method: 'POST',
    headers: { 'api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4.1', ...body }),
  });

async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

const at = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN;

async function p50(count: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) times.push(await timed(work));
  return at(times.slice(count / 10), 0.5);
}

/** Requests a second, so many at a time. */
async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const worker = async (): Promise<void> => {
    for (let n = 0; n < count / TOGETHER; n += 1) await work();
  };
  const ms = await timed(() => Promise.all(Array.from({ length: TOGETHER }, worker)));
  return (count / ms) * 1000;
}

async function each(measure: (target: string) => Promise<number>): Promise<Figures> {
  return {
    direct: await measure(targets.direct),
    proxy: await measure(targets.proxy),
    gateway: await measure(targets.gateway),
  };
}

function tell(what: string, unit: string, { direct, proxy: bare, gateway }: Figures): void {
  const cells = [direct, bare, gateway].map((value) => value.toFixed(1).padStart(9)).join('');
  process.stdout.write(`${what.padEnd(44)}${cells} ${unit.padEnd(5)} gateway/proxy ${(gateway / bare).toFixed(2)}\n`);
}

const create = (target: string) => async (): Promise<unknown> => (await post(target, { input: 'hello' })).json();
const firstEvent = (target: string) => async (): Promise<void> => {
  const reader = (await post(target, { input: 'hello', stream: true })).body?.getReader();
  await reader?.read();
  await reader?.cancel();
};
const stream = (target: string) => async (): Promise<unknown> =>
  (await post(target, { input: 'Count to 200', stream: true })).text();
const retrieve = async (target: string): Promise<() => Promise<unknown>> => {
  const { id } = (await (await post(target, { input: 'hello' })).json()) as { id: string };
  return async () => (await fetch(`${target}/openai/v1/responses/${id}`, { headers: { 'api-key': key } })).json();
};

process.stdout.write(`${' '.repeat(44)}   direct    proxy  gateway\n`);
await each((target) => rate(320, create(target)));
tell('create, one at a time, p50', 'ms', await each((target) => p50(ONE_BY_ONE, create(target))));
tell(`create, ${TOGETHER} at a time`, '/s', await each((target) => rate(MANY, create(target))));
tell('streamed create, first bytes, p50', 'ms', await each((target) => p50(ONE_BY_ONE, firstEvent(target))));
tell('streamed create, whole, p50', 'ms', await each((target) => p50(40, stream(target))));
tell(`retrieve, ${TOGETHER} at a time`, '/s', await each(async (target) => rate(MANY, await retrieve(target))));
await background();
proxy.close();
proxy.closeAllConnections();
await world.stop();

async function background(): Promise<void> {
  const times: number[] = [];
  const ids: string[] = [];
  const accepting = await timed(() =>
    Promise.all(
      Array.from({ length: BACKGROUND }, async () => {
        const before = performance.now();
        const { id } = (await (await post(targets.gateway, { input: 'hello', background: true })).json()) as {
          id: string;
        };
        times.push(performance.now() - before);
        ids.push(id);
      }),
    ),
  );
  const finishing = await timed(async () => {
    for (const id of ids) await ended(id);
  });
  process.stdout.write(
    `background, ${BACKGROUND} at once: ${((BACKGROUND / accepting) * 1000).toFixed(0)} accepted/s, p95 ${at(times, 0.95).toFixed(0)} ms; ` +
      `all ${ids.length} finished ${(finishing / 1000).toFixed(1)} s after the last was accepted\n`,
  );
}

async function ended(id: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${targets.gateway}/openai/v1/responses/${id}`, { headers: { 'api-key': key } });
    const { status } = (await answer.json()) as { status: string };
    if (status === 'completed') return;
    if (status === 'failed') throw new Error(`${id} has failed.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
