import { RestError, type AppendBlobClient, type BlobLeaseClient, type ContainerClient } from '@azure/storage-blob';
import type { ChainRecord } from '../chains/record.ts';
import { isConflict, isMissing } from '../platform/blobs.ts';
import { FrameSplitter, isTerminalEvent, sequenceOf, type Frame } from './frames.ts';

/** Whoever pumps holds the blob's lease; a pump that died is replaced when it runs out. Azure allows 15 to 60 s. */
const LEASE_SECONDS = 60;
const RENEW_MS = 20_000;

/** Frames are written together: few appends (a blob takes 50,000), and still quick enough for a viewer to feel live. */
const COALESCE_MS = 250;
const COALESCE_BYTES = 256 * 1024;
/** Azure takes 4 MiB in one append with every service version. */
const APPEND_LIMIT_BYTES = 4 * 1024 * 1024;

type Key = Pick<ChainRecord, 'chainId' | 'id'>;

/** What a log holds so far. */
export interface LogPosition {
  /** Byte to read from next. */
  offset: number;
  /** Highest sequence number; -1 for an empty log. */
  sequence: number;
  /** The terminal event is in it. */
  closed: boolean;
}

/** The event logs: one append blob for each response made with `background` and `stream`, its frames as viewers get them. */
export class EventLogs {
  readonly #container: ContainerClient;

  constructor(container: ContainerClient) {
    this.#container = container;
  }

  /** Takes the log over for writing. Undefined while somebody else holds it. */
  async take(record: Key): Promise<LogWriter | undefined> {
    const blob = this.#blob(record);
    await blob.createIfNotExists({ blobHTTPHeaders: { blobContentType: 'text/event-stream' } });
    const lease = blob.getBlobLeaseClient();
    try {
      await lease.acquireLease(LEASE_SECONDS);
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
    return new LogWriter(blob, lease, await this.#position(record));
  }

  /** Frames from a byte on, whole ones only, and the byte behind the last of them. */
  async read(record: Key, offset: number): Promise<{ frames: Frame[]; offset: number }> {
    const bytes = await this.#bytes(record, offset);
    const splitter = new FrameSplitter();
    const frames = splitter.push(bytes);
    return { frames, offset: offset + frames.reduce((sum, frame) => sum + frame.bytes.length, 0) };
  }

  async remove(record: Key): Promise<boolean> {
    const { succeeded } = await this.#blob(record).deleteIfExists();
    return succeeded;
  }

  async #position(record: Key): Promise<LogPosition> {
    const { frames, offset } = await this.read(record, 0);
    const sequence = frames.reduce((highest, frame) => Math.max(highest, sequenceOf(frame.bytes) ?? -1), -1);
    return { offset, sequence, closed: frames.some((frame) => isTerminalEvent(frame.type)) };
  }

  async #bytes(record: Key, offset: number): Promise<Buffer> {
    try {
      const answer = await this.#blob(record).download(offset);
      const chunks: Buffer[] = [];
      for await (const chunk of answer.readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    } catch (error) {
      // Not begun yet, or nothing new behind this byte.
      if (isMissing(error) || (error instanceof RestError && error.statusCode === 416)) return Buffer.alloc(0);
      throw error;
    }
  }

  #blob(record: Key): AppendBlobClient {
    return this.#container.getAppendBlobClient(`${record.chainId}/${record.id}.log`);
  }
}

/** Writes one log under its lease. Every append names the byte it must begin at, so that nothing is written twice. */
export class LogWriter {
  readonly position: LogPosition;
  /** Somebody else has the log: stop pumping and become a viewer. */
  lost = false;
  readonly #blob: AppendBlobClient;
  readonly #lease: BlobLeaseClient;
  readonly #renewal: NodeJS.Timeout;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #flushing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(blob: AppendBlobClient, lease: BlobLeaseClient, position: LogPosition) {
    this.#blob = blob;
    this.#lease = lease;
    this.position = position;
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS);
    this.#renewal.unref();
  }

  /** Takes a frame; it is written within {@link COALESCE_MS}. */
  write(frame: Frame): void {
    this.#pending.push(frame.bytes);
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
    clearInterval(this.#renewal);
    await this.flush();
    try {
      await this.#lease.releaseLease();
    } catch (error) {
      // A lease that has run out or was taken over needs no release.
      if (!isConflict(error) && !isMissing(error)) throw error;
    }
  }

  async #append(): Promise<void> {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    for (let at = 0; at < bytes.length && !this.lost; at += APPEND_LIMIT_BYTES) {
      await this.#appendBlock(bytes.subarray(at, at + APPEND_LIMIT_BYTES));
    }
  }

  async #appendBlock(block: Buffer): Promise<void> {
    try {
      await this.#blob.appendBlock(block, block.length, {
        conditions: { leaseId: this.#lease.leaseId, appendPosition: this.position.offset },
      });
      this.position.offset += block.length;
    } catch (error) {
      if (!isConflict(error) && !isMissing(error)) throw error;
      this.lost = true;
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
