import type { Operation } from '../operation.ts';

/** How often each operation was asked for, by container. */
export class Counts {
  readonly #counts = new Map<string, Map<Operation, number>>();

  add(container: string, operation: Operation): void {
    const counts = this.#counts.get(container) ?? new Map<Operation, number>();
    this.#counts.set(container, counts);
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
  }

  toJSON(): Record<string, Record<string, number>> {
    return Object.fromEntries(
      Array.from(this.#counts, ([container, counts]) => [container, Object.fromEntries(counts)] as const),
    );
  }

  clear(): void {
    this.#counts.clear();
  }
}
