import type { AppendBlobClient, ContainerClient } from '@azure/storage-blob';
import type { ChainRecord } from '../chains/record.ts';
import { bytesOf, isConflict, isMissing, isPastEnd } from '../platform/blobs.ts';
import type { Clock } from '../platform/clock.ts';
import { FrameSplitter, isTerminalEvent, sequenceOf, type Frame } from './frames.ts';
import { LEASE_SECONDS, LogWriter, type LogPosition } from './log-writer.ts';

type Key = Pick<ChainRecord, 'chainId' | 'id'>;

/** The event logs: one append blob for each response made with `background` and `stream`, its frames as viewers get them. */
export class EventLogs {
  readonly #container: ContainerClient;
  readonly #clock: Clock;

  constructor(container: ContainerClient, clock: Clock) {
    this.#container = container;
    this.#clock = clock;
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
    return new LogWriter(blob, lease, await this.#position(record), this.#clock);
  }

  /** Frames from a byte on, whole ones only, and the byte behind the last of them. */
  async read(record: Key, offset: number): Promise<{ frames: Frame[]; offset: number }> {
    const bytes = await this.#bytes(record, offset);
    const splitter = new FrameSplitter();
    const frames = splitter.push(bytes);
    return { frames, offset: offset + frames.reduce((sum, frame) => sum + frame.bytes.length, 0) };
  }

  /** Removes a log, also one that is being written: its writer finds out with its next append. Says whether there was one. */
  async remove(record: Key): Promise<boolean> {
    const blob = this.#blob(record);
    try {
      await blob.getBlobLeaseClient().breakLease(0);
    } catch (error) {
      if (isMissing(error)) return false;
      // No lease to break.
      if (!isConflict(error)) throw error;
    }
    const { succeeded } = await blob.deleteIfExists();
    return succeeded;
  }

  async #position(record: Key): Promise<LogPosition> {
    const { frames, offset } = await this.read(record, 0);
    const sequence = frames.reduce((highest, frame) => Math.max(highest, sequenceOf(frame.bytes) ?? -1), -1);
    return { offset, sequence, closed: frames.some((frame) => isTerminalEvent(frame.type)) };
  }

  async #bytes(record: Key, offset: number): Promise<Buffer> {
    try {
      return await bytesOf(await this.#blob(record).download(offset));
    } catch (error) {
      // Not begun yet, or nothing new behind this byte.
      if (isMissing(error) || isPastEnd(error)) return Buffer.alloc(0);
      throw error;
    }
  }

  #blob(record: Key): AppendBlobClient {
    return this.#container.getAppendBlobClient(`${record.chainId}/${record.id}.log`);
  }
}
