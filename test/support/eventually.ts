import { setTimeout as delay } from 'node:timers/promises';

const LIMIT_MS = 60_000;
/** What takes long is looked at less and less often: the looks themselves keep the machine from it. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 250;
const GROWTH = 1.2;

/**
 * Looks until there is something to see.
 * @throws Error naming `what` when the limit is reached
 */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, limitMs = LIMIT_MS): Promise<T> {
  const limit = Date.now() + limitMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * GROWTH, LONGEST_PAUSE_MS)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > limit) throw new Error(`Waited in vain for ${what}.`);
    await delay(pause);
  }
}
