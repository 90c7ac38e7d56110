import { z } from 'zod';
import { codeOf } from '../errors.ts';
import type { Answer } from '../http/answer.ts';
import { OPERATIONS, type Operation } from '../operation.ts';

const faultSchema = z.strictObject({
  operation: z.enum([...OPERATIONS, '*']),
  /** Only in the container of this name. */
  container: z.string().optional(),
  /** An HTTP status; `reset`: the connection is cut without an answer; `hold`: it waits until it is released. */
  status: z.union([z.int().min(400).max(599), z.literal('reset'), z.literal('hold')]),
  substatus: z.int().optional(),
  retryAfterMs: z.int().nonnegative().optional(),
  /** How many requests it meets. */
  times: z.int().positive().default(1),
  /** Text that the path, the partition key or the body must hold: keeps tests that run side by side apart. */
  contains: z.string().optional(),
  /** The operation is done first, then the answer is lost (or held): the case in which a repeat meets its own first try. */
  applied: z.boolean().default(false),
});

export type Fault = z.infer<typeof faultSchema>;

/** What is known of a request when faults are looked up. */
export interface Occasion {
  operation: Operation;
  container: string | undefined;
  /** Path, partition key and body in one text. */
  text: () => string;
}

/** Faults that tests have planned; each meets the first requests that fit and is then gone. */
export class Faults {
  #planned: Fault[] = [];
  readonly #held = new Map<() => void, Fault>();

  /** @throws Error that lists what is wrong with the plan. */
  plan(body: unknown): void {
    const parsed = faultSchema.safeParse(body);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    this.#planned.push(parsed.data);
  }

  /** What is still waiting for its requests. */
  get planned(): readonly Fault[] {
    return this.#planned;
  }

  /** The fault that this request meets, if one fits. */
  take(occasion: Occasion): Fault | undefined {
    if (this.#planned.length === 0) return undefined;
    const fault = this.#planned.find((candidate) => fits(candidate, occasion));
    if (fault && --fault.times === 0) this.#planned = this.#planned.filter((other) => other !== fault);
    return fault;
  }

  /** Resolves when the request is released, or its caller has gone: what was not done by then never is. */
  async hold(fault: Fault, gone: AbortSignal): Promise<void> {
    if (gone.aborted) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const letGo = (): void => {
      resolve(undefined);
    };
    this.#held.set(letGo, fault);
    gone.addEventListener('abort', letGo, { once: true });
    await promise;
    this.#held.delete(letGo);
  }

  /** The faults of the requests that wait at this moment. */
  get held(): readonly Fault[] {
    return [...this.#held.values()];
  }

  /** Lets the requests go whose fault names this text; without a text, all of them. */
  release(contains?: string): void {
    for (const [letGo, fault] of this.#held) {
      if (contains === undefined || contains === fault.contains) letGo();
    }
  }

  clear(): void {
    this.#planned = [];
    this.release();
  }
}

/** `*` means what an application does with items; clients' own look-ups (plans, metadata) must be named. */
const HOUSEKEEPING: readonly Operation[] = ['plan', 'metadata'];

function fits(fault: Fault, { operation, container, text }: Occasion): boolean {
  const meant = fault.operation === '*' ? !HOUSEKEEPING.includes(operation) : fault.operation === operation;
  if (!meant) return false;
  if (fault.container !== undefined && fault.container !== container) return false;
  return fault.contains === undefined || text().includes(fault.contains);
}

/** The answer of a planned refusal; undefined when the connection is to be cut. */
export function faultAnswer({ status, substatus, retryAfterMs }: Fault): Answer | undefined {
  if (typeof status === 'string') return undefined;
  const headers = { 'x-ms-substatus': substatus?.toString(), 'x-ms-retry-after-ms': retryAfterMs?.toString() };
  return {
    status,
    headers,
    body: JSON.stringify({ code: codeOf(status), message: `Planned by a test: ${status}.` }),
    charge: 0,
  };
}
