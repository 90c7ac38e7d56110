import { GatewayError } from '../errors.ts';
import { BODY_LIMIT_BYTES } from '../platform/limits.ts';

/** A body can name thousands of things: the stores are asked for so many of a kind at once. */
const AT_ONCE = 16;

/** What one request has looked up for it: each thing once, a few at a time, and no more than a body may hold. */
export class Lookups {
  #left = BODY_LIMIT_BYTES;
  #stopped = false;

  /** The same question, asked once for each key. */
  once<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
    const asked = new Map<string, Promise<T>>();
    const turns = new Turns();
    return (key) => {
      const known = asked.get(key);
      if (known !== undefined) return known;
      const answer = turns.next(() => {
        if (this.#stopped) throw new Error('The request was refused meanwhile.');
        return ask(key);
      });
      asked.set(key, answer);
      return answer;
    };
  }

  /**
   * Something is about to be put into the body, as often as it is named there.
   * @throws `body_too_large`
   */
  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    throw new GatewayError(
      'body_too_large',
      `With everything that it names, the body is larger than ${BODY_LIMIT_BYTES / 1024 / 1024} MB. Name fewer images and items.`,
      { param: 'input' },
    );
  }

  /** The request is refused: what was not asked yet is not asked any more. */
  stop(): void {
    this.#stopped = true;
  }
}

/** Lets a few begin at once, and another whenever one has ended. */
class Turns {
  #free = AT_ONCE;
  readonly #waiting: (() => void)[] = [];

  async next<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const first = this.#waiting.shift();
      if (first === undefined) this.#free += 1;
      else first();
    }
  }
}
