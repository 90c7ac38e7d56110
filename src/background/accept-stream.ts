import type { ChainRecord } from '../chains/record.ts';
import { LostRace, type ChainStore } from '../chains/store.ts';
import { originOf } from '../platform/log.ts';
import type { Turn } from '../responses/prepare.ts';
import { inForm, type ImageForm } from '../responses/present.ts';
import { withoutStream, type Streamed } from '../responses/stream.ts';
import { follow, type FollowDeps } from '../streams/follow.ts';
import { isTerminalEvent, sequenceOf, type Frame } from '../streams/frames.ts';
import type { EventLogs } from '../streams/log.ts';
import type { LogWriter } from '../streams/log-writer.ts';
import { requestIdOf } from '../upstream/client.ts';
import { rateLimitsOf } from '../upstream/rate-limits.ts';
import {
  acceptedRecord,
  refusalOf,
  refuse,
  requestOf,
  unlessBroken,
  watchOver,
  type Accept,
  type AcceptDeps,
  type Orchestrations,
} from './accept.ts';
import { runStream, type RunStreamDeps } from './run-stream.ts';
import type { Opened, OpenStream } from './submit.ts';

export type AcceptStreamDeps = AcceptDeps &
  RunStreamDeps &
  Pick<FollowDeps, 'store' | 'streamLimitMs'> & { logs: EventLogs; openStream: OpenStream; accept: Accept };

/**
 * Takes a background create that streams: accepted as durably as any, and this request is its first pump and its first viewer.
 * A refusal of the service is thrown before the first frame.
 */
export type AcceptStream = (turn: Turn, orchestrations: Orchestrations, images: ImageForm) => Promise<Streamed>;

export function createAcceptStream(deps: AcceptStreamDeps): AcceptStream {
  return async (turn, orchestrations, images) => {
    if (turn.imageDeployment !== undefined) return acceptPolled(deps, turn, orchestrations, images);
    const { record, writer } = await begin(deps, turn);
    const endsAt = deps.clock.ticks() + deps.streamLimitMs;
    const signal = AbortSignal.timeout(deps.streamLimitMs);
    const [opened] = await Promise.all([
      unlessBroken(deps, record, deps.openStream(record, requestOf(turn), signal)),
      watchOver(deps, record, orchestrations),
    ]);
    if (opened?.outcome === 'opened') {
      const serviceRequestId = requestIdOf(opened.answer);
      deps.log.accepted({ ...originOf(record), submitted: true, serviceRequestId });
      const frames = pumpAndShow(deps, record, { opened, writer, signal, endsAt });
      return { frames, rebuilt: opened.rebuilt, rateLimits: rateLimitsOf(opened.answer.headers) };
    }
    await writer.release();
    const refusal = refusalOf(opened, turn);
    if (refusal !== undefined) {
      await unlessBroken(deps, record, deps.logs.remove(record));
      return refuse(deps, record, refusal);
    }
    deps.log.accepted({ ...originOf(record), submitted: false });
    return { frames: follow(deps, record, -1, endsAt), rebuilt: false };
  };
}

/** The log first: without it nothing is accepted yet, and the caller gets the error. */
async function begin(
  deps: { logs: EventLogs; store: ChainStore; clock: AcceptStreamDeps['clock'] },
  turn: Turn,
): Promise<{ record: ChainRecord; writer: LogWriter }> {
  const writer = await deps.logs.take(turn.record);
  // Only a repeated create can find its log in other hands: it is somebody's already.
  if (writer === undefined) throw new LostRace(`The log of ${turn.record.id} is being written.`);
  try {
    return { record: await deps.store.create(acceptedRecord(deps.clock, turn)), writer };
  } catch (error) {
    await writer.release();
    throw error;
  }
}

/** What this request pumps, then what others pump when it lost the log or the connection. */
async function* pumpAndShow(
  deps: AcceptStreamDeps,
  record: ChainRecord,
  run: { opened: Opened; writer: LogWriter; signal: AbortSignal; endsAt: number },
): AsyncGenerator<Frame> {
  let shown = -1;
  let ended = false;
  try {
    for await (const frame of runStream(deps, run.opened, run.writer, run.signal)) {
      shown = sequenceOf(frame.bytes) ?? shown;
      yield frame;
      ended = isTerminalEvent(frame.type);
    }
  } catch (error) {
    // The run is accepted: the loop brings it to its end, and this caller sees it in the log.
    deps.log.failed({ requestId: record.requestId, operation: 'pump', error });
  } finally {
    await run.writer.release();
  }
  if (!ended) yield* follow(deps, record, shown, run.endsAt);
}

/** The image tool cannot stream at the service: the run is polled, and its events are made from the result. */
async function acceptPolled(
  deps: AcceptStreamDeps,
  turn: Turn,
  orchestrations: Orchestrations,
  images: ImageForm,
): Promise<Streamed> {
  const polled = { ...turn, serviceBody: withoutStream(turn.serviceBody) };
  const { rebuilt, rateLimits } = await deps.accept(polled, orchestrations, images);
  return { frames: follow(inForm(deps, images), turn.record, -1), rebuilt, rateLimits };
}
