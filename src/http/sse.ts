import type { HttpResponseInit } from '@azure/functions';
import { DONE_FRAME, KEEP_ALIVE, type Frame } from '../streams/frames.ts';

/** Well under the 230 s after which Azure's load balancer cuts a silent connection, and under every client's patience. */
const KEEP_ALIVE_MS = 15_000;

/** What may pile up for a viewer who reads slower than the events come. */
const VIEWER_BUFFER_BYTES = 256 * 1024;

/**
 * An event stream. Normally (`runs`) the frames are read to their end even when the caller has left (the host does not tell):
 * whatever they do on the way, such as storing the answer, happens. Where reading them does nothing but show them, it `waits`
 * for the reader, so that a slow one costs no memory.
 */
export function sse(
  frames: AsyncIterable<Frame>,
  headers: Record<string, string> = {},
  pace: 'runs' | 'waits' = 'runs',
): HttpResponseInit {
  let reader: Reader | undefined;
  return {
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      ...headers,
    },
    body: new ReadableStream<Uint8Array>(
      {
        start(controller) {
          reader = new Reader(controller);
          void write(frames, reader, pace);
        },
        pull: () => reader?.wake(),
        cancel: () => reader?.leave(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: VIEWER_BUFFER_BYTES }),
    ),
  };
}

async function write(frames: AsyncIterable<Frame>, reader: Reader, pace: 'runs' | 'waits'): Promise<void> {
  const keepAlive = setInterval(() => reader.send(KEEP_ALIVE), KEEP_ALIVE_MS);
  try {
    for await (const frame of frames) {
      reader.send(frame.bytes);
      keepAlive.refresh();
      if (pace === 'waits') {
        await reader.room();
        if (reader.gone) break;
      }
    }
    reader.send(DONE_FRAME.bytes);
    reader.close();
  } catch (error) {
    // Frames report their own failures as events; what still arrives here can only be shown as a broken connection.
    reader.close(error);
  } finally {
    clearInterval(keepAlive);
  }
}

/** The caller's end of the stream, which may be gone at any time. */
class Reader {
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  readonly #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #flushing: NodeJS.Immediate | undefined;
  gone = false;
  #wake: (() => void) | undefined;

  constructor(controller: ReadableStreamDefaultController<Uint8Array>) {
    this.#controller = controller;
  }

  /** What is sent in one turn of the event loop goes out as one chunk: the service sends many events at once, and each write costs. */
  send(bytes: Uint8Array): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.byteLength;
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const chunk = Buffer.concat(this.#pending);
    this.#pending.length = 0;
    this.#pendingBytes = 0;
    if (chunk.byteLength === 0) return;
    this.#unlessGone(() => {
      this.#controller.enqueue(chunk);
    });
  }

  /** Resolves when the reader has taken enough of what was sent, or has left. */
  async room(): Promise<void> {
    if (this.#room() > this.#pendingBytes) return;
    this.#flush();
    while (!this.gone && this.#room() <= 0) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #room(): number {
    return this.#controller.desiredSize ?? Infinity;
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  leave(): void {
    this.gone = true;
    this.wake();
  }

  close(error?: unknown): void {
    this.#flush();
    this.#unlessGone(() => {
      if (error === undefined) this.#controller.close();
      else this.#controller.error(error);
    });
  }

  #unlessGone(act: () => void): void {
    if (this.gone) return;
    try {
      act();
    } catch {
      // A cancelled stream throws on every use: from here on there is nobody to write to.
      this.gone = true;
    }
  }
}
