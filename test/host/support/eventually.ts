import { setTimeout as delay } from 'node:timers/promises';

const LIMIT_MS = 20_000;
const PAUSE_MS = 50;

/**
 * Looks until there is something to see.
 * @throws Error naming `what` when the limit is reached
 */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, limitMs = LIMIT_MS): Promise<T> {
  const limit = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > limit) throw new Error(`Waited in vain for ${what}.`);
    await delay(PAUSE_MS);
  }
}
