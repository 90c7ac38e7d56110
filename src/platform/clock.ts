/** Time as the rooms see it, so that a test can hold it in its hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that only ever grow, whatever is done to the clock: for spans within this process. */
  ticks(): number;
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const timer = setTimeout(done, milliseconds);
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done);
    }),
};

/** Clocks of two machines may be this far apart. */
export const CLOCK_SKEW_MS = 60_000;

/**
 * What is left until a moment that somebody has written down; 0 when it is past. One that lies further ahead than it can have
 * been set was written by a clock that has been set back since: nobody waits for that.
 */
export function remainingMs(until: number, now: number, longestMs: number): number {
  const left = until - now;
  return left > longestMs + CLOCK_SKEW_MS ? 0 : Math.max(left, 0);
}

/** Unix seconds, the unit of every `*_at` field of the API. */
export const unixSeconds = (clock: Clock): number => Math.floor(clock.now() / 1000);
