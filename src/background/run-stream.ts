import { dataOf, isTerminalEvent, type Frame } from '../streams/frames.ts';
import type { LogWriter } from '../streams/log-writer.ts';
import { framesOf } from '../streams/relay.ts';
import { requestIdOf } from '../upstream/client.ts';
import { isObject, serviceResponse, type ServiceResponse } from '../upstream/wire.ts';
import { pump, type PumpDeps } from './pump.ts';
import type { NoteRun, Opened } from './submit.ts';

export interface RunStreamDeps extends PumpDeps {
  noteRun: NoteRun;
}

/**
 * Pumps a stream that was just opened. Its first event names the run: that is written down before anything is shown, so that
 * whoever takes over can find it. Ends without a frame when the run was cancelled or taken over meanwhile.
 */
export async function* runStream(
  deps: RunStreamDeps,
  opened: Opened,
  writer: LogWriter,
  signal: AbortSignal,
): AsyncGenerator<Frame> {
  const frames = framesOf(opened.answer);
  const head: Frame[] = [];
  const named = await firstResponse(frames, head);
  if (named === undefined) return;
  // The relay puts `response.created` in front of a stream that opens otherwise: whoever resumes must count it.
  const shift = head.find((frame) => frame.type !== '')?.type === 'response.created' ? 0 : 1;
  const noted = await deps.noteRun(
    opened.leased,
    { body: named, requestId: requestIdOf(opened.answer) },
    { rebuilt: opened.rebuilt, shift },
  );
  if (noted.outcome === 'lost') return;
  yield* pump(deps, noted.record, writer, {
    serviceId: named.id,
    first: rejoin(head, frames),
    signal,
    traceparent: noted.record.traceparent,
  });
}

/** Reads up to the first event with a response object in it; what was read is kept for the relay. */
async function firstResponse(frames: AsyncGenerator<Frame>, head: Frame[]): Promise<ServiceResponse | undefined> {
  for (;;) {
    const next: IteratorResult<Frame, unknown> = await frames.next();
    if (next.done === true) return undefined;
    head.push(next.value);
    const response = dataOf(next.value.bytes)?.response;
    if (isObject(response)) {
      const parsed = serviceResponse.safeParse(response);
      return parsed.success ? parsed.data : undefined;
    }
    if (isTerminalEvent(next.value.type)) return undefined;
  }
}

async function* rejoin(head: readonly Frame[], rest: AsyncGenerator<Frame>): AsyncGenerator<Frame> {
  yield* head;
  yield* rest;
}
