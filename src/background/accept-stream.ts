import type { ChainRecord } from '../chains/record.ts';
import { STREAM_LIMIT_MS } from '../platform/limits.ts';
import { noteTurn } from '../responses/create.ts';
import type { Turn } from '../responses/prepare.ts';
import { withoutStream } from '../responses/stream.ts';
import type { Frame } from '../streams/frames.ts';
import { sequenceOf } from '../streams/frames.ts';
import { follow, type FollowDeps } from '../streams/follow.ts';
import type { EventLogs, LogWriter } from '../streams/log.ts';
import { refuse, type Accept, type AcceptDeps, type Orchestrations } from './accept.ts';
import { runStream, type RunStreamDeps } from './run-stream.ts';
import type { Opened, OpenStream } from './submit.ts';

export type AcceptStreamDeps = AcceptDeps &
  RunStreamDeps &
  Pick<FollowDeps, 'store'> & { logs: EventLogs; openStream: OpenStream; accept: Accept };

/**
 * Takes a background create that streams: accepted as durably as any, and this request is its first pump and its first viewer.
 * A refusal of the service is thrown before the first frame.
 */
export type AcceptStream = (
  turn: Turn,
  orchestrations: Orchestrations,
) => Promise<{ frames: AsyncIterable<Frame>; rebuilt: boolean }>;

export function createAcceptStream(deps: AcceptStreamDeps): AcceptStream {
  return async (turn, orchestrations) => {
    if (turn.imageDeployment !== undefined) return acceptPolled(deps, turn, orchestrations);
    const record = await deps.store.create({
      ...turn.record,
      imageDeployment: turn.imageDeployment,
      run: { attempts: 0, polls: 0 },
    });
    const writer = await deps.logs.take(record);
    const signal = AbortSignal.timeout(STREAM_LIMIT_MS);
    const request = { body: turn.serviceBody, parent: turn.parent, imageDeployment: turn.imageDeployment };
    const [opened] = await Promise.all([
      deps.openStream(record, request, signal),
      orchestrations.start(record.id),
      noteTurn(deps.directory, record),
    ]);
    deps.log.accepted({ responseId: record.id, requestId: record.requestId, submitted: opened.outcome === 'opened' });
    const refused = opened.outcome === 'refused' || (opened.outcome === 'put-off' && turn.secret && !opened.ambiguous);
    if (refused) {
      await writer?.release();
      await deps.logs.remove(record);
      return refuse(deps, record, opened.error);
    }
    if (opened.outcome !== 'opened' || writer === undefined) {
      await writer?.release();
      return { frames: follow(deps, record, -1), rebuilt: false };
    }
    return { frames: pumpAndShow(deps, record, { opened, writer, signal }), rebuilt: opened.rebuilt };
  };
}

/** What this request pumps, then what others pump when it lost the log or the connection. */
async function* pumpAndShow(
  deps: AcceptStreamDeps,
  record: ChainRecord,
  run: { opened: Opened; writer: LogWriter; signal: AbortSignal },
): AsyncGenerator<Frame> {
  let shown = -1;
  try {
    for await (const frame of runStream(deps, run.opened, run.writer, run.signal)) {
      shown = sequenceOf(frame.bytes) ?? shown;
      yield frame;
    }
  } finally {
    await run.writer.release();
  }
  if (run.writer.lost || !run.writer.position.closed) yield* follow(deps, record, shown);
}

/** The image tool cannot stream at the service: the run is polled, and its events are made from the result. */
async function acceptPolled(
  deps: AcceptStreamDeps,
  turn: Turn,
  orchestrations: Orchestrations,
): Promise<{ frames: AsyncIterable<Frame>; rebuilt: boolean }> {
  await deps.accept({ ...turn, serviceBody: withoutStream(turn.serviceBody) }, orchestrations);
  return { frames: follow(deps, turn.record, -1), rebuilt: false };
}
