import type { ChainRecord } from '../chains/record.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Present } from '../responses/present.ts';
import { endOfDeleted } from '../streams/follow.ts';
import { isTerminalEvent, sequenceOf, type Frame } from '../streams/frames.ts';
import type { LogWriter } from '../streams/log-writer.ts';
import { framesOf, relay, type ResumePoint } from '../streams/relay.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { ServiceError } from '../upstream/errors.ts';
import type { JsonObject, ServiceResponse } from '../upstream/wire.ts';
import type { Settle } from './settle.ts';

export interface PumpDeps {
  service: Pick<ServiceClient, 'resumeResponse'>;
  settle: Settle;
  present: Present;
  clock: Clock;
  log: Log;
}

/** The service's frames, and what continues them when the connection breaks. */
export interface PumpSource {
  serviceId: string;
  /** The stream that is open already; without it the pump asks for one behind `resume`. */
  first?: AsyncIterable<Frame>;
  resume?: ResumePoint;
  /** The pump stops (without an end) when this aborts. */
  signal: AbortSignal;
  traceparent?: string;
}

/** How often a broken stream is asked for again before the polling loop takes over. */
const RECONNECTIONS = 5;
const RECONNECT_PAUSE_MS = 300;

/**
 * Reads the service's stream, rewrites ids, appends to the log and yields each frame as it goes. The record is written before
 * the terminal frame goes anywhere. Ends without a terminal frame when the log is lost, the signal aborts, or the service
 * refuses to resume: somebody else, or polling, then brings the run to its end.
 */
export async function* pump(
  deps: PumpDeps,
  record: ChainRecord,
  writer: LogWriter,
  source: PumpSource,
): AsyncGenerator<Frame> {
  const onEnd = async (last: ServiceResponse): Promise<JsonObject> => {
    // If we die behind that, the rest is made from the record: nothing may have been shown that the log does not hold.
    await writer.flush();
    return finishRun(deps, record, last);
  };
  const frames = serviceFrames(deps, source);
  for await (const frame of relay(record, frames, onEnd, { resume: source.resume, onCut: 'stop' })) {
    if (writer.lost) return;
    writer.write(frame);
    if (isTerminalEvent(frame.type)) await writer.flush();
    yield frame;
  }
  await writer.flush();
}

async function finishRun(deps: PumpDeps, record: ChainRecord, last: ServiceResponse): Promise<JsonObject> {
  const requestId = record.service?.requestId ?? null;
  const id = last.id === '' ? (record.service?.id ?? '') : last.id;
  const stored = await deps.settle(record, { body: { ...last, id }, requestId });
  // Deleted while it ran: its viewers see an end, and nothing else of it.
  if (stored === undefined || stored.status === 'deleted') return endOfDeleted(record);
  return deps.present(stored);
}

/** One unbroken sequence of frames, over as many connections as it takes. */
async function* serviceFrames(deps: PumpDeps, source: PumpSource): AsyncGenerator<Frame> {
  let frames = source.first;
  let last = source.resume === undefined ? -1 : source.resume.next - 1 - source.resume.shift;
  for (let attempt = 0; attempt <= RECONNECTIONS && !source.signal.aborted; attempt += 1) {
    frames ??= await reconnect(deps, source, last);
    if (frames === undefined) return;
    for await (const frame of frames) {
      last = sequenceOf(frame.bytes) ?? last;
      yield frame;
      if (isTerminalEvent(frame.type)) return;
    }
    frames = undefined;
    await deps.clock.sleep(RECONNECT_PAUSE_MS, source.signal);
  }
}

/** The rest of the stream, or undefined when the service does not give it: polling finds the end. */
async function reconnect(deps: PumpDeps, source: PumpSource, last: number): Promise<AsyncIterable<Frame> | undefined> {
  const { serviceId, signal, traceparent } = source;
  try {
    return framesOf(await deps.service.resumeResponse(serviceId, last, { signal, traceparent }));
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}
