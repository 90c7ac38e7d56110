import type { HistoryEvent } from '../history-event.ts';
import type { Store } from '../store/store.ts';

interface Entry {
  executionId: string;
  events: HistoryEvent[];
}

/** Enough for thousands of small orchestrations; a long history costs what it is long. */
const MAX_CACHED_EVENTS = 100_000;

/** Parsed histories of orchestrations that ran lately: a turn reads only what is new. */
export class HistoryCache {
  readonly #store: Store;
  /** In the order of last use. */
  readonly #entries = new Map<string, Entry>();
  #size = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The events of an execution before the current turn. Callers do not change the array. */
  read(instanceId: string, executionId: string): readonly HistoryEvent[] {
    return this.#entry(instanceId, executionId).events;
  }

  /** Adds the events of a turn, once they are in the store. */
  append(instanceId: string, executionId: string, events: readonly HistoryEvent[]): void {
    const entry = this.#entries.get(instanceId);
    if (entry?.executionId !== executionId) return;
    for (const event of events) {
      event.IsPlayed = true;
      entry.events.push(event);
    }
    this.#size += events.length;
    this.#shrink();
  }

  forget(instanceId: string): void {
    const entry = this.#entries.get(instanceId);
    if (!entry) return;
    this.#entries.delete(instanceId);
    this.#size -= entry.events.length;
  }

  #entry(instanceId: string, executionId: string): Entry {
    const cached = this.#entries.get(instanceId);
    if (cached?.executionId === executionId) {
      this.#entries.delete(instanceId);
      this.#entries.set(instanceId, cached);
      return cached;
    }
    this.forget(instanceId);
    const events = this.#store.history(instanceId).map((event) => ({ ...event, IsPlayed: true }));
    const entry = { executionId, events };
    this.#entries.set(instanceId, entry);
    this.#size += events.length;
    return entry;
  }

  #shrink(): void {
    for (const instanceId of this.#entries.keys()) {
      if (this.#size <= MAX_CACHED_EVENTS) return;
      this.forget(instanceId);
    }
  }
}
