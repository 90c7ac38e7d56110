import { isObject, type JsonObject } from '../upstream/wire.ts';

/** One event of a stream, with its bytes as they came: the relay passes them on unless they must change. */
export interface Frame {
  /** The bytes with the blank line that ends them. */
  bytes: Buffer;
  /** `response.created`, `response.output_text.delta` ...; empty for a comment. */
  type: string;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts a byte stream into frames at blank lines, whatever the line ends and wherever the chunks were cut.
 * Bytes are looked at once and copied once, so a frame of many megabytes costs no more than its size.
 */
export class FrameSplitter {
  readonly #parts: Buffer[] = [];
  #lineIsEmpty = true;
  #lastWasCr = false;
  #hasContent = false;

  /** The frames that this chunk completes. */
  push(chunk: Uint8Array): Frame[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const frames: Frame[] = [];
    // The LF of a CR LF that was cut between two chunks: its frame went out with the CR, which already ended it.
    let start = this.#lastWasCr && !this.#hasContent && bytes[0] === LF ? 1 : 0;
    for (let at = start; at < bytes.length; at += 1) {
      if (!this.#endsFrame(bytes[at])) continue;
      if (bytes[at] === CR && bytes[at + 1] === LF) at += 1;
      this.#parts.push(bytes.subarray(start, at + 1));
      start = at + 1;
      frames.push(...this.#take());
    }
    if (start < bytes.length) this.#parts.push(bytes.subarray(start));
    return frames;
  }

  /** What is left when the stream ends: a frame without its blank line, or nothing. */
  rest(): Frame[] {
    if (!this.#hasContent) return [];
    this.#parts.push(Buffer.from('\n\n'));
    return this.#take();
  }

  #endsFrame(byte: number | undefined): boolean {
    if (byte === LF && this.#lastWasCr) {
      // The second half of CR LF belongs to the line end that was counted with CR.
      this.#lastWasCr = false;
      return false;
    }
    this.#lastWasCr = byte === CR;
    if (byte !== LF && byte !== CR) {
      this.#lineIsEmpty = false;
      this.#hasContent = true;
      return false;
    }
    const blank = this.#lineIsEmpty;
    this.#lineIsEmpty = true;
    return blank && this.#hasContent;
  }

  #take(): Frame[] {
    const bytes = Buffer.concat(this.#parts);
    this.#parts.length = 0;
    this.#hasContent = false;
    this.#lineIsEmpty = true;
    return [{ bytes, type: typeOf(bytes) }];
  }
}

/** The `event:` line; some servers leave it out, then the data says it. */
function typeOf(bytes: Buffer): string {
  const head = bytes.toString('utf8', 0, Math.min(bytes.length, 200));
  const named = /^\s*event:[ ]?([^\r\n]*)/m.exec(head)?.[1];
  if (named !== undefined) return named.trim();
  const data = dataOf(bytes);
  return typeof data?.type === 'string' ? data.type : '';
}

/** The JSON object of a frame, or undefined for a comment, `[DONE]` and whatever else is no object. */
export function dataOf(bytes: Buffer): JsonObject | undefined {
  const lines = bytes
    .toString('utf8')
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(line.startsWith('data: ') ? 6 : 5));
  if (lines.length === 0) return undefined;
  try {
    const data: unknown = JSON.parse(lines.join('\n'));
    return isObject(data) ? data : undefined;
  } catch {
    // `[DONE]`, or a line that the service cut: it is passed on as it came.
    return undefined;
  }
}

/** The sequence number, read without parsing: inside a JSON string the quotes of this key would be escaped. */
export function sequenceOf(bytes: Buffer): number | undefined {
  const at = bytes.lastIndexOf('"sequence_number":');
  if (at < 0) return undefined;
  const digits = /^"sequence_number":\s*(\d+)/.exec(bytes.toString('latin1', at, at + 40))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** An event as the API frames it. */
export const encodeEvent = (data: JsonObject & { type: string }): Frame => ({
  bytes: Buffer.from(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`, 'utf8'),
  type: data.type,
});

/** Ends a stream for clients that wait for it; the others have stopped at the terminal event. */
export const DONE_FRAME: Frame = { bytes: Buffer.from('data: [DONE]\n\n'), type: '' };

/** Keeps load balancers and clients from giving up on a silent stream; every client skips comments. */
export const KEEP_ALIVE = Buffer.from(': keep-alive\n\n');

const LIFECYCLE = new Set([
  'response.created',
  'response.queued',
  'response.in_progress',
  'response.completed',
  'response.failed',
  'response.incomplete',
]);

/** Events that carry a whole response object, and therefore the service's ids. */
export const isLifecycle = (type: string): boolean => LIFECYCLE.has(type);

export const isTerminalEvent = (type: string): boolean =>
  type === 'response.completed' || type === 'response.failed' || type === 'response.incomplete';
