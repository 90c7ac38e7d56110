import type { HistoryEvent } from '../history-event.ts';
import { ReplayTask } from './replay-task.ts';

/**
 * Raised events and those who wait for them. The last waiter is served first, early events first in, first out; names
 * are case-sensitive, as in the SDK (the .NET side alone would be lenient).
 */
export class ExternalEvents {
  readonly #waiting = new Map<string, ReplayTask[]>();
  readonly #early = new Map<string, HistoryEvent[]>();

  waitFor(name: string): ReplayTask {
    if (this.#early.get(name)?.shift()) return ReplayTask.settled();
    const task = new ReplayTask();
    const others = this.#waiting.get(name);
    if (others) others.push(task);
    else this.#waiting.set(name, [task]);
    return task;
  }

  raise(event: HistoryEvent): void {
    const name = event.Name ?? '';
    const waiter = this.#waiting.get(name)?.pop();
    if (waiter) {
      waiter.settle({ ok: true });
      return;
    }
    const early = this.#early.get(name);
    if (early) early.push(event);
    else this.#early.set(name, [event]);
  }

  /** Events that nobody has waited for yet. */
  unprocessed(): HistoryEvent[] {
    return [...this.#early.values()].flat();
  }
}
