import { RestError, type AppendBlobClient, type BlobLeaseClient } from '@azure/storage-blob';
import { isConflict, isMissing } from '../platform/blobs.ts';
import type { Clock } from '../platform/clock.ts';
import { isTerminalEvent, sequenceOf, type Frame } from './frames.ts';

/** Whoever pumps holds the blob's lease; a pump that died is replaced when it runs out. Azure allows 15 to 60 s. */
export const LEASE_SECONDS = 15;
const RENEW_MS = 5_000;

/** Frames are written together: few appends (a blob takes 50,000), and still quick enough for a viewer to feel live. */
const COALESCE_MS = 250;
const COALESCE_BYTES = 256 * 1024;

/** What goes into one append. Azure takes 100 MiB with the service version of this SDK, 4 MiB with the oldest. */
const APPEND_BYTES = 4 * 1024 * 1024;

/** Pauses between tries while Blob Storage is out; the SDK has tried several times before each. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** After so long without a successful append the log is let go: the frames are still at the service, and can be resumed. */
const PATIENCE_MS = 60_000;

/** What a log holds so far. */
export interface LogPosition {
  /** Byte to read from next. */
  offset: number;
  /** Highest sequence number; -1 for an empty log. */
  sequence: number;
  /** The terminal event is in it. */
  closed: boolean;
}

/**
 * Writes one log under its lease. Every append names the byte it must begin at, so that nothing is written twice, and holds
 * whole frames, so that a crash leaves no half one. Nothing here throws: what cannot be written makes the log {@link lost}.
 */
export class LogWriter {
  /** As it will be once everything taken is written. */
  readonly position: LogPosition;
  /** Somebody else has the log, or it cannot be written: stop pumping and become a viewer. */
  lost = false;
  readonly #blob: AppendBlobClient;
  readonly #lease: BlobLeaseClient;
  readonly #clock: Clock;
  readonly #renewal: NodeJS.Timeout;
  #pending: Frame[] = [];
  #pendingBytes = 0;
  #flushing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(blob: AppendBlobClient, lease: BlobLeaseClient, position: LogPosition, clock: Clock) {
    this.#blob = blob;
    this.#lease = lease;
    this.#clock = clock;
    this.position = position;
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS);
    this.#renewal.unref();
  }

  /** Takes a frame; it is written within {@link COALESCE_MS}. */
  write(frame: Frame): void {
    if (this.lost) return;
    this.#pending.push(frame);
    this.#pendingBytes += frame.bytes.length;
    this.position.sequence = sequenceOf(frame.bytes) ?? this.position.sequence;
    if (isTerminalEvent(frame.type)) this.position.closed = true;
    if (this.#pendingBytes >= COALESCE_BYTES) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), COALESCE_MS);
  }

  /** Resolves when everything taken so far is in the blob, or the log was lost. Appends never overlap. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#append());
    return this.#flushing;
  }

  /** Writes what is left and lets go of the log. */
  async release(): Promise<void> {
    await this.flush();
    clearInterval(this.#renewal);
    try {
      await this.#lease.releaseLease();
    } catch {
      // It has run out or was taken over, or does so by itself in a moment.
      this.lost = true;
    }
  }

  async #append(): Promise<void> {
    const frames = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    for (const block of blocksOf(frames)) {
      if (this.lost) return;
      if (!(await this.#appendBlock(block))) this.lost = true;
    }
  }

  /** Says whether the block is in the log. */
  async #appendBlock(block: Buffer): Promise<boolean> {
    const giveUpAt = this.#clock.ticks() + PATIENCE_MS;
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      try {
        const conditions = { leaseId: this.#lease.leaseId, appendPosition: this.position.offset };
        await this.#blob.appendBlock(block, block.length, { conditions });
        this.position.offset += block.length;
        return true;
      } catch (error) {
        if (isConflict(error) || isMissing(error)) return this.#wasWritten(block, error);
        if (this.#clock.ticks() >= giveUpAt) return false;
        await this.#clock.sleep(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  /** The answer to an append can be lost and the append repeated: under our lease, what stands there is ours. */
  async #wasWritten(block: Buffer, error: unknown): Promise<boolean> {
    if (!(error instanceof RestError)) return false;
    if (error.response?.headers.get('x-ms-error-code') !== 'AppendPositionConditionNotMet') return false;
    try {
      const { contentLength } = await this.#blob.getProperties({ conditions: { leaseId: this.#lease.leaseId } });
      if (contentLength !== this.position.offset + block.length) return false;
      this.position.offset += block.length;
      return true;
    } catch {
      // Unknown is lost: whoever takes over reads what is there.
      return false;
    }
  }

  async #renew(): Promise<void> {
    try {
      await this.#lease.renewLease();
    } catch (error) {
      if (isConflict(error) || isMissing(error)) this.lost = true;
      // Anything else is tried again before the lease runs out.
    }
  }
}

/** Frames put together into appends, never cut. */
function* blocksOf(frames: readonly Frame[]): Generator<Buffer> {
  let block: Buffer[] = [];
  let bytes = 0;
  for (const frame of frames) {
    if (bytes > 0 && bytes + frame.bytes.length > APPEND_BYTES) {
      yield Buffer.concat(block);
      block = [];
      bytes = 0;
    }
    block.push(frame.bytes);
    bytes += frame.bytes.length;
  }
  if (bytes > 0) yield Buffer.concat(block);
}
