import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import { pause } from '../clock.ts';
import type { Plan } from '../scenarios/plan.ts';
import type { EventLog, Frame } from './log.ts';

export interface Reading {
  /** The first event to send has this number. */
  from: number;
  /** Leaves the padding of deltas out. */
  plain: boolean;
  plan: Plan;
  /** Aborted when the reader hangs up. */
  signal: AbortSignal;
}

/** Writes the log to the connection and follows it to its end. Resolves false when the connection was cut on purpose. */
export async function follow(log: EventLog, response: ServerResponse, reading: Reading): Promise<boolean> {
  const { plan, signal } = reading;
  const writer = new FrameWriter(response, reading);
  let next = reading.from;
  for (;;) {
    await log.more(next, signal);
    if (signal.aborted) return true;
    while (next < log.length) {
      const batch = writer.isPaced ? log.frames.slice(next, next + 1) : log.frames.slice(next);
      next += batch.length;
      if (!(await writer.write(batch))) return false;
    }
    if (log.closed) break;
  }
  if (plan.find('framing')?.done === true) response.write('data: [DONE]\n\n');
  response.end();
  return true;
}

class FrameWriter {
  readonly #response: ServerResponse;
  readonly #reading: Reading;
  readonly #betweenMs: number;
  readonly #cutAfter: number;
  readonly #keepAliveEvery: number;
  /** One frame at a time, because something happens between frames. */
  readonly isPaced: boolean;
  #written = 0;

  constructor(response: ServerResponse, reading: Reading) {
    this.#response = response;
    this.#reading = reading;
    this.#betweenMs = reading.plan.find('slow')?.betweenMs ?? 0;
    this.#cutAfter = reading.plan.find('cut')?.afterEvents ?? Infinity;
    this.#keepAliveEvery = reading.plan.find('framing')?.keepAliveEvery ?? Infinity;
    this.isPaced = this.#betweenMs > 0 || this.#cutAfter < Infinity || this.#keepAliveEvery < Infinity;
  }

  /** @returns false when this was the place to cut the connection. */
  async write(frames: readonly Frame[]): Promise<boolean> {
    const { signal, plain } = this.#reading;
    if (this.#written >= this.#cutAfter) return this.#cut();
    if (this.#betweenMs > 0 && this.#written > 0) await pause(this.#betweenMs, signal);
    const text = frames
      .map((frame) => `event: ${frame.type}\ndata: ${plain ? withoutPadding(frame) : frame.json}\n\n`)
      .join('');
    this.#written += frames.length;
    const flowing = this.#response.write(text);
    if (this.#written % this.#keepAliveEvery === 0) {
      this.#response.write(': keep-alive\n\nevent: keepalive\ndata: {"type":"keepalive"}\n\n');
    }
    if (!flowing && !signal.aborted) await once(this.#response, 'drain', { signal }).catch(() => undefined);
    return true;
  }

  #cut(): false {
    const { socket } = this.#response;
    if (this.#reading.plan.find('cut')?.how === 'end') this.#response.end();
    // What was written has to leave before the connection is reset.
    else setImmediate(() => socket?.resetAndDestroy());
    return false;
  }
}

function withoutPadding({ type, json }: Frame): string {
  return type.endsWith('.delta') ? json.replace(/,"obfuscation":"[^"]*"/, '') : json;
}
