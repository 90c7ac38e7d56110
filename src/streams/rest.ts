import type { JsonObject } from '../upstream/wire.ts';
import { dataOf, encodeEvent, isLifecycle, isTerminalEvent, sequenceOf, type Frame } from './frames.ts';
import { eventsOf, type Event } from './synthesize.ts';

/** An event is known by its type and its place; deltas of one place are parts of one text. */
const placeOf = (event: JsonObject): string =>
  [
    event.type,
    event.item_id,
    event.output_index,
    event.content_index,
    event.summary_index,
    event.annotation_index,
  ].join();

const OPENING = new Set(['response.created', 'response.in_progress']);

/**
 * What a log lacks of the events of a response that has ended: made from the finished object, numbered on from the last logged
 * event. Text that was shown in part goes on where it broke off.
 */
export function* restOf(response: JsonObject, logged: readonly Frame[]): Generator<Frame> {
  let sequence = logged.reduce((highest, frame) => Math.max(highest, sequenceOf(frame.bytes) ?? -1), -1);
  const seen = new Set<string>();
  const texts = new Map<string, string>();
  for (const { bytes } of logged) {
    const event = dataOf(bytes);
    if (event === undefined) continue;
    const place = placeOf(event);
    seen.add(place);
    if (typeof event.delta === 'string') texts.set(place, (texts.get(place) ?? '') + event.delta);
  }
  for (const event of eventsOf(response)) {
    const missing = isTerminalEvent(event.type)
      ? event
      : missingPart(event, { seen, texts, begun: logged.some(({ type }) => !isLifecycle(type)) });
    if (missing === undefined) continue;
    sequence += 1;
    yield encodeEvent({ ...missing, sequence_number: sequence });
  }
}

function missingPart(
  event: Event,
  shown: { seen: ReadonlySet<string>; texts: ReadonlyMap<string, string>; begun: boolean },
): Event | undefined {
  if (shown.begun && OPENING.has(event.type)) return undefined;
  const place = placeOf(event);
  if (!shown.seen.has(place)) return event;
  if (typeof event.delta !== 'string') return undefined;
  const rest = event.delta.slice(shown.texts.get(place)?.length ?? 0);
  return rest === '' ? undefined : { ...event, delta: rest };
}
