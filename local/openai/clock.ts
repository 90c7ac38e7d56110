/** The simulator's time: the real one plus whatever tests added, so that expiry needs no waiting. */
export interface Clock {
  /** Milliseconds since 1970. */
  now: () => number;
  advance: (milliseconds: number) => void;
}

export function createClock(): Clock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    advance(milliseconds) {
      ahead += milliseconds;
    },
  };
}

/** Whole seconds since 1970, as the API writes times. */
export const inSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** Resolves after the time, or at once when the signal aborts. Never rejects. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener('abort', finish);
  });
}

/** Resolves when the signal aborts: a run that is stuck. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
