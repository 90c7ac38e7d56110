import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import { parseJson } from './description.ts';
import { StreamOrder } from './stream-order.ts';
import { issuesOf, type Wire } from './wire.ts';
import { TERMINAL } from './wire-events.ts';

/** The longest time for one stream is over, and the run goes on: no event of the run, but a word of where to resume. */
const timeIsUp = z.looseObject({
  type: z.literal('error'),
  code: z.literal('took_too_long'),
  message: z.string().regex(/starting_after=\d+$/),
});

const numbered = z.looseObject({ type: z.string(), sequence_number: z.number() });

/** Reads a stream event by event, as it comes. */
export class StreamCheck {
  readonly faults: string[] = [];
  readonly #parser;
  /** Only a stream that is read from its beginning can be followed item by item. */
  readonly #order: StreamOrder | undefined;
  readonly #wire: Wire;
  readonly #lifecycle;
  readonly #described: (event: unknown) => string[];
  #next: number;
  #first: boolean;
  #id: string | undefined;
  #begun = false;
  #ended = false;
  #done = false;

  /**
   * @param next the number of the first event
   * @param described what else is wrong with an event
   */
  constructor(wire: Wire, next: number, described: (event: unknown) => string[] = () => []) {
    this.#wire = wire;
    this.#described = described;
    this.#lifecycle = z.looseObject({ response: wire.response });
    this.#next = next;
    this.#first = next === 0;
    this.#order = next === 0 ? new StreamOrder() : undefined;
    this.#parser = createParser({ onEvent: ({ event, data, id }) => this.#take(event, data, id) });
  }

  read(text: string): void {
    this.#parser.feed(text);
  }

  end(): void {
    if (!this.#wire.endsStreams) return;
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
    this.faults.push(...this.#wire.faultsOfIds(data).map((fault) => `${name ?? ''} ${fault}`));
    this.#begun = true;
    const body = parseJson(data);
    if (timeIsUp.safeParse(body).success) {
      this.#ended = true;
      return;
    }
    this.#order?.take(body);
    this.faults.push(...(this.#order?.faults.splice(0) ?? []));
    const faults = this.#wire.faultsOfEvent(body);
    this.faults.push(...faults, ...this.#described(body));
    if (faults.length === 0) this.#follow(name, numbered.parse(body), body);
  }

  #follow(name: string | undefined, event: z.infer<typeof numbered>, body: unknown): void {
    if (name !== event.type) this.faults.push(`event line '${name ?? ''}' over ${event.type}`);
    if (event.sequence_number !== this.#next) this.faults.push(`number ${event.sequence_number}, not ${this.#next}`);
    this.#next = event.sequence_number + 1;
    if (this.#first && event.type !== 'response.created') this.faults.push(`begins with ${event.type}`);
    this.#first = false;
    this.#ended = TERMINAL.test(event.type);
    if (!('response' in event)) return;
    const read = this.#lifecycle.safeParse(body);
    this.faults.push(...issuesOf(read.error).map((fault) => `${event.type}: ${fault}`));
    const id = read.data?.response.id;
    if (this.#id !== undefined && id !== this.#id) this.faults.push('the id changes');
    this.#id = id;
  }
}
