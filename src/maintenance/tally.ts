import type { Log } from '../platform/log.ts';

/** Counts what a task has done. One failure does not keep it from the rest: the next run tries again. */
export class Tally {
  #done = 0;
  #failed = 0;
  readonly #task: string;
  readonly #log: Log;

  constructor(task: string, log: Log) {
    this.#task = task;
    this.#log = log;
  }

  async count(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#done += 1;
    } catch (error) {
      this.#failed += 1;
      this.#log.failed({ requestId: 'maintenance', operation: this.#task, error });
    }
  }

  report(): void {
    if (this.#done + this.#failed > 0)
      this.#log.maintenance({ task: this.#task, done: this.#done, failed: this.#failed });
  }
}
