import { describe } from './core/hosted-app.ts';
import type { HostLog } from './core/types.ts';

export interface CrashWatch {
  /** Loads the app anew; does nothing when that is about to happen anyway. */
  restart(why: string): void;
  /** Leaves exceptions to Node again. */
  ignore(): void;
}

/** Least time between two restarts, so that an app that crashes at once does not keep the machine busy. */
const RESTART_PAUSE_MS = 1000;

/**
 * An exception that nobody caught ends the worker in Azure, and a new one is started. Here the app is loaded anew in the
 * same process: HTTP stays up, what ran fails, what comes waits.
 * @param reload cuts off at once what runs, and loads after the pause
 */
export function watchForCrashes(reload: (pauseMs: number) => Promise<void>, log: HostLog): CrashWatch {
  let next = -Infinity;

  function restart(why: string): void {
    const now = performance.now();
    if (now < next - RESTART_PAUSE_MS) return;
    const pauseMs = Math.max(0, next - now);
    next = now + pauseMs + RESTART_PAUSE_MS;
    log('warning', 'Host.Worker', `The app is restarted: ${why}.`);
    reload(pauseMs).catch((error: unknown) => {
      log('error', 'Host.Worker', `The app cannot be loaded: ${describe(error)}`);
    });
  }

  function onCrash(error: unknown): void {
    log('critical', 'Host.Worker', `Nobody caught this: ${describe(error)}`);
    restart('of an error that nobody caught, as in Azure');
  }

  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  return {
    restart,
    ignore() {
      process.off('uncaughtException', onCrash);
      process.off('unhandledRejection', onCrash);
    },
  };
}
