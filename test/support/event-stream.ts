import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import type { Endpoints } from '../../local/world/endpoints.ts';

const event = z.looseObject({
  type: z.string(),
  sequence_number: z.number(),
  delta: z.string().optional(),
  response: z.looseObject({ id: z.string(), status: z.string() }).optional(),
});

export type StreamEvent = z.infer<typeof event>;

/** The events of an event stream, as they arrive. Ends with the connection; a connection that breaks throws. */
export async function* eventsOf(answer: Response): AsyncGenerator<StreamEvent> {
  const ready: StreamEvent[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data !== '[DONE]') ready.push(event.parse(JSON.parse(data)));
    },
  });
  const decoder = new TextDecoder();
  if (answer.body === null) return;
  const chunks: AsyncIterable<Uint8Array> = answer.body;
  for await (const chunk of chunks) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* ready.splice(0);
  }
}

export async function collect(answer: Response): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const one of eventsOf(answer)) events.push(one);
  return events;
}

/** A background create that streams; the answer as it comes. */
export function openStream(
  { gateway }: Pick<Endpoints, 'gateway'>,
  key: string,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${gateway}/openai/v1/responses`, {
    method: 'POST',
    headers: { 'api-key': key, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-4.1', background: true, stream: true, ...body }),
  });
}

/** The events of a response again, behind a sequence number. */
export const resumeStream = (
  { gateway }: Pick<Endpoints, 'gateway'>,
  key: string,
  id: string,
  after?: number,
): Promise<Response> =>
  fetch(`${gateway}/openai/v1/responses/${id}?stream=true${after === undefined ? '' : `&starting_after=${after}`}`, {
    headers: { 'api-key': key },
  });

/** What every complete stream looks like: numbers from 0 without a gap, created first, one terminal event, the last. */
export function faultsOf(events: readonly StreamEvent[]): string[] {
  const faults: string[] = [];
  if (events[0]?.type !== 'response.created') faults.push(`begins with ${events[0]?.type ?? 'nothing'}`);
  for (const [index, { sequence_number }] of events.entries()) {
    if (sequence_number !== index) faults.push(`number ${sequence_number} at place ${index}`);
  }
  const terminal = events.filter(({ type }) => /^response\.(completed|failed|incomplete)$/.test(type));
  if (terminal.length !== 1) faults.push(`${terminal.length} terminal events`);
  if (terminal[0] !== events.at(-1)) faults.push(`ends with ${events.at(-1)?.type ?? 'nothing'}`);
  return faults;
}

export const textOf = (events: readonly StreamEvent[]): string =>
  events
    .filter(({ type }) => type === 'response.output_text.delta')
    .map(({ delta = '' }) => delta)
    .join('');
