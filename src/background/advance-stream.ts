import type { ChainRecord } from '../chains/record.ts';
import { isTerminal } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import type { Config } from '../platform/config.ts';
import { originOf } from '../platform/log.ts';
import type { Frame } from '../streams/frames.ts';
import type { EventLogs } from '../streams/log.ts';
import type { LogWriter } from '../streams/log-writer.ts';
import { restOf } from '../streams/rest.ts';
import { wait, type Progress } from './progress.ts';
import { pump } from './pump.ts';
import { runStream, type RunStreamDeps } from './run-stream.ts';
import type { OpenStream, Submitted } from './submit.ts';

export interface AdvanceStreamDeps extends RunStreamDeps {
  store: Pick<ChainStore, 'read'>;
  logs: EventLogs;
  openStream: OpenStream;
  polling: Config['polling'];
}

/** One activity pumps for this long, then hands over to the next: activities end well before the function time-out. */
const SLICE_MS = 60_000;

/** Between two slices. */
const SLICE_PAUSE_MS = 1_000;
/** Somebody else is pumping: if that one dies, its lease ends within a quarter of a minute, so looking more often finds nothing. */
const OTHERS_PAUSE_MS = 5_000;

const waitForOthers = ({ polling }: Pick<AdvanceStreamDeps, 'polling'>): Progress =>
  wait(Math.min(OTHERS_PAUSE_MS, polling.maxMs), 'somebody else is pumping');

/** Opens the service's stream for a run that was put off, and pumps a slice of it. */
export async function submitStreamed(
  deps: AdvanceStreamDeps,
  record: ChainRecord,
): Promise<Progress | Exclude<Submitted, { outcome: 'submitted' }>> {
  const writer = await takeLog(deps, record);
  if (writer === undefined) return waitForOthers(deps);
  const signal = AbortSignal.timeout(SLICE_MS);
  try {
    const opened = await deps.openStream(record, undefined, signal);
    if (opened.outcome !== 'opened') return opened;
    await drain(runStream(deps, opened, writer, signal));
    return wait(SLICE_PAUSE_MS, 'streaming');
  } finally {
    await writer.release();
  }
}

/**
 * Takes the pump over when nobody has it: resumes behind the last logged event.
 * Undefined when the service refuses to resume: polling has to find the end.
 */
export async function resumeStreamed(deps: AdvanceStreamDeps, record: ChainRecord): Promise<Progress | undefined> {
  const { service } = record;
  if (service === undefined) return undefined;
  const writer = await takeLog(deps, record);
  if (writer === undefined) return waitForOthers(deps);
  try {
    const before = writer.position.sequence;
    const resume = before < 0 ? undefined : { next: before + 1, shift: record.run?.shift ?? 0 };
    const signal = AbortSignal.timeout(SLICE_MS);
    deps.log.pumpTakenOver({ ...originOf(record), from: before + 1 });
    await drain(pump(deps, record, writer, { serviceId: service.id, resume, signal, traceparent: record.traceparent }));
    return writer.position.closed || writer.position.sequence > before ? wait(SLICE_PAUSE_MS, 'streaming') : undefined;
  } finally {
    await writer.release();
  }
}

/** Whether anybody can have seen events of the run. */
export async function wasShown(deps: Pick<AdvanceStreamDeps, 'logs'>, record: ChainRecord): Promise<boolean> {
  return record.streamed && (await deps.logs.read(record, 0)).frames.length > 0;
}

/** Makes sure that the log of a run that has ended ends too. False while somebody else holds it. */
export async function closeLog(deps: AdvanceStreamDeps, record: ChainRecord): Promise<boolean> {
  // With images the events are made anew for each viewer: base64 has no place in a log.
  if (!isTerminal(record.status) || record.images.length > 0) return true;
  const writer = await takeLog(deps, record);
  if (writer === undefined) return false;
  try {
    if (writer.position.closed) return true;
    const { frames } = await deps.logs.read(record, 0);
    for (const frame of restOf(await deps.present(record), frames)) writer.write(frame);
    await writer.flush();
    return !writer.lost;
  } finally {
    await writer.release();
  }
}

/**
 * Taking a log makes one where there is none: a response that is deleted meanwhile must not get one again. One that is deleted
 * from here on takes the log away from its writer.
 */
async function takeLog(deps: AdvanceStreamDeps, record: ChainRecord): Promise<LogWriter | undefined> {
  const writer = await deps.logs.take(record);
  if (writer === undefined) return undefined;
  const now = await deps.store.read(record.id);
  if (now !== undefined && now.status !== 'deleted') return writer;
  await writer.release();
  await deps.logs.remove(record);
  return undefined;
}

async function drain(frames: AsyncIterable<Frame>): Promise<void> {
  // The log is what counts; nobody looks at the frames here.
  for await (const _frame of frames);
}
