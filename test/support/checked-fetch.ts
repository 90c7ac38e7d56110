import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import { StreamOrder } from './stream-order.ts';
import { apiError, faultsOfBody, issuesOf, response, SERVICE_ID } from './wire.ts';
import { streamEvent, TERMINAL } from './wire-events.ts';

/** An answer of the gateway that breaks the contract of the API. */
export class BrokenContract extends Error {
  override readonly name = 'BrokenContract';
}

/**
 * `fetch` that reads every answer of the API as a strict client would, and throws at the first thing that is wrong with it:
 * JSON bodies and errors against their schemas, streams event by event, headers, and ids of the service that should not be seen.
 */
export const checkedFetch: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init);
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  if (!pathname.startsWith('/openai')) return answer;
  const where = `${init?.method ?? 'GET'} ${pathname} (${answer.status})`;
  checkHeaders(where, answer);
  const type = answer.headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream')) return checkedStream(where, answer, input);
  if (!type.startsWith('application/json') || pathname.endsWith('/content')) return answer;
  const body: unknown = await answer.clone().json();
  report(where, answer.ok ? faultsOfBody(body) : faultsOfError(answer, body));
  return answer;
};

function checkHeaders(where: string, answer: Response): void {
  const faults: string[] = [];
  if (answer.headers.get('x-request-id') === null) faults.push('no x-request-id');
  const wait = answer.headers.get('retry-after');
  if (answer.status === 429 && answer.headers.get('x-should-retry') !== 'false' && wait === null) {
    faults.push('429 without Retry-After');
  }
  if (wait !== null && !(Number(wait) >= 1 && Number(wait) <= 60)) faults.push(`Retry-After: ${wait}`);
  report(where, faults);
}

function faultsOfError(answer: Response, body: unknown): string[] {
  const faults = issuesOf(apiError.safeParse(body).error);
  if (SERVICE_ID.test(JSON.stringify(body))) faults.push('an error that shows an id of the service');
  const again = answer.headers.get('x-should-retry') !== 'false' && answer.headers.get('retry-after') === null;
  if (again && answer.status < 500) faults.push('a refusal that SDKs would repeat: no x-should-retry');
  return faults;
}

/** The same stream, checked while it is read. */
function checkedStream(where: string, answer: Response, input: Parameters<typeof fetch>[0]): Response {
  const resumed = new URL(input instanceof Request ? input.url : input).searchParams.get('starting_after');
  const check = new StreamCheck(resumed === null ? 0 : Number(resumed) + 1);
  const decoder = new TextDecoder();
  const body = answer.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        check.read(decoder.decode(chunk, { stream: true }));
        report(where, check.faults);
        controller.enqueue(chunk);
      },
      flush() {
        check.end();
        report(where, check.faults);
      },
    }),
  );
  return new Response(body, { status: answer.status, headers: answer.headers });
}

/** The longest time for one stream is over, and the run goes on: no event of the run, but a word of where to resume. */
const timeIsUp = z.looseObject({
  type: z.literal('error'),
  code: z.literal('took_too_long'),
  message: z.string().regex(/starting_after=\d+$/),
});

const lifecycle = z.looseObject({ response });

class StreamCheck {
  readonly faults: string[] = [];
  readonly #parser;
  /** Only a stream that is read from its beginning can be followed item by item. */
  readonly #order: StreamOrder | undefined;
  #next: number;
  #first: boolean;
  #id: string | undefined;
  #begun = false;
  #ended = false;
  #done = false;

  constructor(next: number) {
    this.#next = next;
    this.#first = next === 0;
    this.#order = next === 0 ? new StreamOrder() : undefined;
    this.#parser = createParser({ onEvent: ({ event, data, id }) => this.#take(event, data, id) });
  }

  read(text: string): void {
    this.#parser.feed(text);
  }

  end(): void {
    // Who resumes behind the end has missed nothing.
    const nothing = this.#order === undefined && !this.#begun;
    if (!this.#ended && !nothing) this.faults.push('ends without a terminal event');
    if (!this.#done) this.faults.push('ends without [DONE]');
  }

  #take(name: string | undefined, data: string, id: string | undefined): void {
    if (data === '[DONE]') {
      this.#done = true;
      return;
    }
    if (this.#ended) this.faults.push(`${name ?? 'an event'} after the end`);
    if (id !== undefined) this.faults.push('an id line');
    const leaked = SERVICE_ID.exec(data);
    if (leaked !== null) this.faults.push(`${name ?? ''} shows the service's id ${leaked[0]}`);
    this.#begun = true;
    const body: unknown = JSON.parse(data);
    if (timeIsUp.safeParse(body).success) {
      this.#ended = true;
      return;
    }
    this.#order?.take(body);
    this.faults.push(...(this.#order?.faults.splice(0) ?? []));
    const event = streamEvent.safeParse(body);
    this.faults.push(...issuesOf(event.error));
    if (event.success) this.#follow(name, event.data, body);
  }

  #follow(name: string | undefined, event: { type: string; sequence_number: number }, body: unknown): void {
    if (name !== event.type) this.faults.push(`event line '${name ?? ''}' over ${event.type}`);
    if (event.sequence_number !== this.#next) this.faults.push(`number ${event.sequence_number}, not ${this.#next}`);
    this.#next = event.sequence_number + 1;
    if (this.#first && event.type !== 'response.created') this.faults.push(`begins with ${event.type}`);
    this.#first = false;
    this.#ended = TERMINAL.test(event.type);
    if (!('response' in event)) return;
    const read = lifecycle.safeParse(body);
    this.faults.push(...issuesOf(read.error).map((fault) => `${event.type}: ${fault}`));
    const id = read.data?.response.id;
    if (this.#id !== undefined && id !== this.#id) this.faults.push('the id changes');
    this.#id = id;
  }
}

function report(where: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new BrokenContract(`${where}\n${faults.join('\n')}`);
}
