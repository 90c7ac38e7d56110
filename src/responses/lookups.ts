import { GatewayError } from '../errors.ts';
import { BODY_LIMIT_BYTES } from '../platform/limits.ts';
import { Semaphore } from '../platform/semaphore.ts';

/** A body can name thousands of things: the stores are asked for so many of a kind at once. */
const AT_ONCE = 16;

/** What one request has looked up for it: each thing once, a few at a time, and no more than a body may hold. */
export class Lookups {
  #left = BODY_LIMIT_BYTES;
  #stopped = false;

  /** The same question, asked once for each key. */
  once<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
    const asked = new Map<string, Promise<T>>();
    const places = new Semaphore(AT_ONCE);
    return (key) => {
      const known = asked.get(key);
      if (known !== undefined) return known;
      const answer = this.#inTurn(places, () => ask(key));
      asked.set(key, answer);
      return answer;
    };
  }

  async #inTurn<T>(places: Semaphore, ask: () => Promise<T>): Promise<T> {
    const leave = await places.enter();
    try {
      if (this.#stopped) throw new Error('The request was refused meanwhile.');
      return await ask();
    } finally {
      leave();
    }
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
