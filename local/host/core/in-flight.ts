import type { RegisteredFunction } from './types.ts';

/** An invocation was cut off because the app was restarted or the host stopped: it says nothing about the function. */
export class AppRestarted extends Error {
  override name = 'AppRestarted';
}

/** The function ran longer than host.json's `functionTimeout`. */
class FunctionTimeout extends Error {
  override name = 'FunctionTimeout';
}

/** The invocations that run now. JavaScript cannot be interrupted: cutting one off means no longer waiting for it. */
export interface InFlight {
  /** Rejects with AppRestarted, FunctionTimeout or what `work` rejects with. */
  run<T>(fn: RegisteredFunction, work: () => Promise<T>): Promise<T>;
  /** Cuts off all. */
  abandon(why: string): void;
}

/** Longest delay that setTimeout takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** @param timeoutMs longest time a function may run; Infinity for no limit */
export function trackInFlight(timeoutMs: number, onTimeout: (fn: RegisteredFunction) => void): InFlight {
  const cutOff = new Set<(reason: Error) => void>();
  return {
    run: (fn, work) =>
      new Promise((resolve, reject) => {
        cutOff.add(reject);
        const timedOut = (): void => {
          reject(new FunctionTimeout(`Timeout value of ${timeoutMs / 1000} s exceeded by function '${fn.name}'.`));
          onTimeout(fn);
        };
        const timer = timeoutMs <= MAX_TIMER_MS ? setTimeout(timedOut, timeoutMs) : undefined;
        void work()
          .then(resolve, reject)
          .finally(() => {
            clearTimeout(timer);
            cutOff.delete(reject);
          });
      }),
    abandon(why) {
      for (const reject of cutOff) reject(new AppRestarted(why));
      cutOff.clear();
    },
  };
}
