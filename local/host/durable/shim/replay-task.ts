export type Outcome = { ok: true; result?: string | null | undefined } | { ok: false };

/** Something the orchestrator waits for. Settles once, and tells its listeners at that moment: order decides numbers. */
export class ReplayTask {
  #outcome: Outcome | undefined;
  readonly #listeners: ((outcome: Outcome) => void)[] = [];

  static settled(): ReplayTask {
    const task = new ReplayTask();
    task.settle({ ok: true });
    return task;
  }

  settle(outcome: Outcome): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    for (const listener of this.#listeners.splice(0)) listener(outcome);
  }

  whenSettled(listener: (outcome: Outcome) => void): void {
    if (this.#outcome) listener(this.#outcome);
    else this.#listeners.push(listener);
  }

  get isSettled(): boolean {
    return this.#outcome !== undefined;
  }
}
