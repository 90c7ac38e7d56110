import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { collect, eventsOf, faultsOf, openStream, resumeStream, type StreamEvent } from '../support/event-stream.ts';
import type { Steering } from '../support/simulator.ts';
import type { newCaller, World } from '../support/world.ts';

/** How a response is asked for while the host is killed again and again. */
export const FORMS = ['plain', 'plain', 'streamed', 'cancelled', 'keyed'] as const;
export type Form = (typeof FORMS)[number];

/** One response, as its caller knows it. */
export interface Made {
  form: Form;
  azure: Steering;
  /** Undefined while no answer has told it. */
  id?: string;
  /** What its caller has seen and should not have. */
  faults: string[];
}

/** Everything that callers need. */
export interface Stage {
  world: World;
  caller: ReturnType<typeof newCaller>;
  /** Callers give up then. */
  until: number;
}

const AGAIN_MS = 500;
const TERMINAL = /^response\.(completed|failed|incomplete)$/;

/** Plays the caller of one response to its end. */
export async function play(stage: Stage, made: Made, cancelAfterMs: number): Promise<void> {
  const body = { model: 'gpt-4.1', input: `Say ${made.azure.marker}`, background: true };
  const { client } = stage.caller;
  switch (made.form) {
    case 'plain':
      // An answer that is lost in a kill is not asked for again: it was accepted or not, the store tells.
      made.id = await onceUp(() => client.responses.create(body)).then(({ id }) => id, noAnswer);
      break;
    case 'cancelled':
      made.id = await onceUp(() => client.responses.create(body)).then(({ id }) => id, noAnswer);
      await pause(cancelAfterMs);
      await untilAnswered(stage, made, () =>
        made.id === undefined ? Promise.resolve() : client.responses.cancel(made.id),
      );
      break;
    case 'keyed':
      await untilAnswered(stage, made, () => createOnce(stage, made, body));
      await untilAnswered(stage, made, () => createOnce(stage, made, body));
      break;
    case 'streamed':
      await watch(stage, made);
      break;
  }
}

/** Asks again while nothing listens: then nothing can have been accepted. */
async function onceUp<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!wasRefused(error)) throw error;
      await pause(AGAIN_MS);
    }
  }
}

const wasRefused = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && error.code === 'ECONNREFUSED') || wasRefused(error.cause));

const noAnswer = (): undefined => undefined;

/** The host is being killed: whoever wants an answer asks again. */
async function untilAnswered(stage: Stage, made: Made, ask: () => Promise<unknown>): Promise<void> {
  while (Date.now() < stage.until) {
    try {
      await ask();
      return;
    } catch {
      await pause(AGAIN_MS);
    }
  }
  made.faults.push('never answered');
}

async function createOnce({ caller }: Stage, made: Made, body: { model: string; input: string }): Promise<void> {
  const { id } = await caller.client.responses.create(
    { ...body, background: true },
    { headers: { 'idempotency-key': made.azure.marker } },
  );
  if (made.id !== undefined && made.id !== id) made.faults.push(`one key, two responses: ${made.id} and ${id}`);
  made.id = id;
}

/** A viewer who comes back whenever the stream breaks, and one who comes when all is over: both see the same, and all of it. */
async function watch(stage: Stage, made: Made): Promise<void> {
  const { world, caller } = stage;
  const events: StreamEvent[] = [];
  const read = async (answer: Response): Promise<void> => {
    if (!answer.ok) throw new Error(String(answer.status));
    for await (const event of eventsOf(answer)) {
      events.push(event);
      made.id ??= event.response?.id;
    }
    if (!TERMINAL.test(events.at(-1)?.type ?? '')) throw new Error('It broke.');
  };
  try {
    const input = `Say ${made.azure.marker}`;
    await read(await onceUp(() => openStream(world.endpoints, caller.key, { input })));
  } catch {
    // Without an event nobody knows whether it was accepted.
    if (made.id === undefined) return;
  }
  const { id = '' } = made;
  await untilAnswered(stage, made, async () => {
    if (TERMINAL.test(events.at(-1)?.type ?? '')) return;
    await read(await resumeStream(world.endpoints, caller.key, id, events.at(-1)?.sequence_number));
  });
  made.faults.push(...faultsOf(events));
  await untilAnswered(stage, made, async () => {
    const later = await collect(await resumeStream(world.endpoints, caller.key, id));
    if (!TERMINAL.test(later.at(-1)?.type ?? '')) throw new Error('It broke.');
    const other = later.findIndex((event, index) => !isDeepStrictEqual(event, events[index]));
    if (other >= 0 || later.length !== events.length)
      made.faults.push(
        `another stream for the one who comes later: ${JSON.stringify(later[other])}, not ${JSON.stringify(events[other])}`,
      );
  });
}
