/** One event, ready for the wire. Its place in the log is its sequence number. */
export interface Frame {
  type: string;
  json: string;
}

export type EventFields = Readonly<Record<string, unknown>>;

/** The events of one response, in order; any number of readers follow it while it grows. */
export class EventLog {
  readonly #frames: Frame[] = [];
  #closed = false;
  #waiting: (() => void)[] = [];

  /** The finished log of events that were kept as JSON. */
  static of(events: readonly string[]): EventLog {
    const log = new EventLog();
    for (const json of events) log.#frames.push({ type: /^\{"type":"([^"]*)"/.exec(json)?.[1] ?? 'message', json });
    log.#closed = true;
    return log;
  }

  get length(): number {
    return this.#frames.length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get frames(): readonly Frame[] {
    return this.#frames;
  }

  /** Numbers the event and adds it. What comes after the end is dropped. */
  append(type: string, fields: EventFields): void {
    if (this.#closed) return;
    this.#frames.push({ type, json: JSON.stringify({ type, sequence_number: this.#frames.length, ...fields }) });
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Resolves when the log has more than `seen` events, or has ended, or the signal aborts. */
  more(seen: number, signal: AbortSignal): Promise<void> {
    if (this.#frames.length > seen || this.#closed || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#waiting.push(wake);
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
