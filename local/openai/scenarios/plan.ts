import type { Fault, FaultKind } from './fault.ts';

type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

/** Which faults one request has to suffer. */
export class Plan {
  readonly #faults: readonly Fault[];

  constructor(faults: readonly Fault[] = []) {
    this.#faults = faults;
  }

  /** The first fault of that kind, if the request has one. */
  find<K extends FaultKind>(kind: K): FaultOf<K> | undefined {
    return this.#faults.find((fault): fault is FaultOf<K> => fault.kind === kind);
  }

  has(kind: FaultKind): boolean {
    return this.find(kind) !== undefined;
  }
}

export const NO_FAULTS = new Plan();
