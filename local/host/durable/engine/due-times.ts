interface DueTime {
  at: number;
  instanceId: string;
}

/**
 * When which orchestration has to be looked at: a binary heap. (Asking the database for "the next one after now" loses
 * the timer that falls due between two readings of the clock.)
 */
export class DueTimes {
  readonly #heap: DueTime[] = [];

  /** The earliest time, in ms since 1970. */
  get next(): number | undefined {
    return this.#heap[0]?.at;
  }

  add(at: number, instanceId: string): void {
    const heap = this.#heap;
    heap.push({ at, instanceId });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (this.#at(parent) <= this.#at(child)) return;
      this.#swap(parent, child);
      child = parent;
    }
  }

  /** Takes out all that is due by `now`, earliest first. */
  takeDue(now: number): string[] {
    const due: string[] = [];
    for (let first = this.#heap[0]; first && first.at <= now; first = this.#heap[0]) {
      due.push(first.instanceId);
      this.#removeFirst();
    }
    return due;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    heap[0] = last;
    let parent = 0;
    for (;;) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (this.#at(child) < this.#at(least)) least = child;
      }
      if (least === parent) return;
      this.#swap(parent, least);
      parent = least;
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.at ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (!first || !second) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}
