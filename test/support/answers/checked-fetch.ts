import { judge, type Exchange } from './judge.ts';
import type { StreamCheck } from './stream-check.ts';
import type { Side } from './wire.ts';

/** An answer that breaks the contract of the API. */
export class BrokenContract extends Error {
  override readonly name = 'BrokenContract';
}

const plainFetch = globalThis.fetch;
/** By their ports: `localhost` is the same address. */
const watched = new Map<string, Side>();
const broken: BrokenContract[] = [];

/** From now on everything that this address answers is checked, whoever asks: there is no other `fetch` in this process. */
export function watch(address: string, side: Side = 'gateway'): void {
  globalThis.fetch = checkedFetch;
  watched.set(new URL(address).port, side);
}

/** Somebody else may get the port. */
export function unwatch(address: string): void {
  watched.delete(new URL(address).port);
}

/** What has been found since the last call: also where a test has tried again, or expected to fail. */
export const takeBroken = (): BrokenContract[] => broken.splice(0);

/** Whose address it is; undefined for all that is neither the gateway nor the service. */
export const sideOf = (url: URL): Side | undefined => watched.get(url.port);

/** Remembers faults until the end of the test, which then fails. */
export function note(where: string, faults: readonly string[]): BrokenContract | undefined {
  if (faults.length === 0) return undefined;
  const fault = new BrokenContract([where, ...faults].join('\n'));
  broken.push(fault);
  return fault;
}

/** @throws BrokenContract when there are faults */
export function report({ method, url, status }: Exchange, faults: readonly string[]): void {
  const fault = note(`${method} ${url.pathname} (${status})`, faults);
  if (fault !== undefined) throw fault;
}

/**
 * `fetch` that reads every answer of a watched address as a strict client would, and throws at the first thing that is wrong
 * with it.
 */
const checkedFetch: typeof fetch = async (input, init) => {
  const answer = await plainFetch(input, init);
  const url = new URL(input instanceof Request ? input.url : input);
  const side = sideOf(url);
  if (side === undefined) return answer;
  const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase();
  const exchange = { side, method, url, status: answer.status, headers: answer.headers };
  const { faults, whole, stream } = judge(exchange);
  report(exchange, faults);
  if (stream !== undefined) return checkedStream(exchange, answer, stream);
  if (whole !== undefined) report(exchange, whole(await answer.clone().text()));
  return answer;
};

/** The same stream, checked while it is read. */
function checkedStream(exchange: Exchange, answer: Response, check: StreamCheck): Response {
  const decoder = new TextDecoder();
  const body = answer.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        check.read(decoder.decode(chunk, { stream: true }));
        report(exchange, check.faults);
        controller.enqueue(chunk);
      },
      flush() {
        check.end();
        report(exchange, check.faults);
      },
    }),
  );
  return new Response(body, { status: answer.status, headers: answer.headers });
}
