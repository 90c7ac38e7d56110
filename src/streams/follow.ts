import { inlineOf, type ChainRecord } from '../chains/record.ts';
import { isTerminal } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { JsonObject } from '../upstream/wire.ts';
import { encodeEvent, isTerminalEvent, sequenceOf, type Frame } from './frames.ts';
import type { EventLogs } from './log.ts';
import { restOf } from './rest.ts';
import { synthesize, terminalEventOf } from './synthesize.ts';

export interface FollowDeps {
  logs: Pick<EventLogs, 'read'>;
  store: Pick<ChainStore, 'read'>;
  /** The response object of a record, with images in the form in which the viewer wants them. */
  present: (record: ChainRecord) => Promise<JsonObject>;
  clock: Clock;
  streamLimitMs: number;
}

/** Looks at a log that does not grow become rarer, up to this. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;
/** A log that has been silent for so long is compared with its record: the writer may have died before its last event. */
const SILENCE_MS = 2_000;

/**
 * The events of a response after a sequence number (-1: from the beginning), then those to come, until the terminal one.
 * Any number of viewers, from any instance. When the log stops short of the end that the record knows, the end is made from the record.
 * A viewer whose time is up is told where to go on.
 */
export async function* follow(
  deps: FollowDeps,
  record: ChainRecord,
  after: number,
  endsAt = deps.clock.ticks() + deps.streamLimitMs,
): AsyncGenerator<Frame> {
  let offset = 0;
  let last = -1;
  let pause = FIRST_PAUSE_MS;
  // A run that has ended before anybody looked may have no log at all.
  let checkAt = isTerminal(record.status) ? 0 : deps.clock.ticks() + SILENCE_MS;
  while (deps.clock.ticks() < endsAt) {
    const { frames, offset: next } = await deps.logs.read(record, offset);
    for (const frame of frames) {
      last = sequenceOf(frame.bytes) ?? last;
      if (last > after) yield frame;
      if (isTerminalEvent(frame.type)) return;
    }
    if (frames.length > 0) {
      offset = next;
      pause = FIRST_PAUSE_MS;
      checkAt = deps.clock.ticks() + SILENCE_MS;
    } else if (deps.clock.ticks() >= checkAt) {
      const end = await endOf(deps, record, last, after);
      if (end !== undefined) {
        yield* end;
        return;
      }
      checkAt = deps.clock.ticks() + SILENCE_MS;
    }
    await deps.clock.sleep(pause);
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
  }
  yield timeIsUp(record.id, Math.max(last, after));
}

/** No event of the run: it has the number of the last one, behind which the stream can be resumed. */
function timeIsUp(id: string, last: number): Frame {
  const { message, code } = new GatewayError(
    'took_too_long',
    `The longest time for a stream is over, but the response goes on: GET /openai/v1/responses/${id}?stream=true&starting_after=${last}`,
  ).toBody();
  return encodeEvent({ type: 'error', code, message, param: null, sequence_number: last });
}

/** The events that lead to the end that the record knows; undefined while the run goes on. */
async function endOf(
  deps: FollowDeps,
  record: ChainRecord,
  last: number,
  after: number,
): Promise<AsyncIterable<Frame> | Iterable<Frame> | undefined> {
  const now = await deps.store.read(record.id);
  const shown = Math.max(last, after);
  if (now === undefined || now.status === 'deleted') {
    const end = endOfDeleted(record);
    // Its log is gone, too: who has seen nothing yet gets a whole stream, everybody else the next number.
    return shown < 0 ? synthesize(end) : [terminalOf(end, shown + 1)];
  }
  if (!isTerminal(now.status)) return undefined;
  return missingEnd(deps, record, await deps.present(now), shown);
}

/** How a response ends for those who watch while it is deleted. */
export const endOfDeleted = ({ id, envelope }: Pick<ChainRecord, 'id' | 'envelope'>): JsonObject => ({
  ...inlineOf(envelope),
  id,
  object: 'response',
  status: 'cancelled',
  output: [],
});

const terminalOf = (response: JsonObject, sequence: number): Frame =>
  encodeEvent({ type: terminalEventOf(response.status), response, sequence_number: sequence });

/** What the log lacks, made as the one who closes it makes it: every viewer sees the same events. */
async function* missingEnd(
  deps: FollowDeps,
  record: ChainRecord,
  response: JsonObject,
  after: number,
): AsyncGenerator<Frame> {
  const { frames } = await deps.logs.read(record, 0);
  for (const frame of [...frames, ...restOf(response, frames)]) {
    if ((sequenceOf(frame.bytes) ?? 0) > after) yield frame;
    if (isTerminalEvent(frame.type)) return;
  }
}
