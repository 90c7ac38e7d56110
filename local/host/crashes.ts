import { describe } from './core/hosted-app.ts';
import type { HostLog } from './core/types.ts';

export interface CrashWatch {
  /** Loads the app anew, soon; does nothing while that is already under way. */
  restart(why: string): void;
  /** Leaves exceptions to Node again. */
  ignore(): void;
}

/** Least time between two restarts, so that an app that crashes at once does not keep the machine busy. */
const RESTART_PAUSE_MS = 1000;

/**
 * An exception that nobody caught ends the worker in Azure, and a new one is started. Here the app is loaded anew in the
 * same process: HTTP stays up, what ran fails, what comes waits.
 */
export function watchForCrashes(reload: (pauseMs: number) => Promise<void>, log: HostLog): CrashWatch {
  let restarting = false;
  let last = -Infinity;

  async function restartNow(why: string): Promise<void> {
    const pauseMs = Math.max(0, last + RESTART_PAUSE_MS - performance.now());
    log('warning', 'Host.Worker', `The app is restarted: ${why}.`);
    try {
      await reload(pauseMs);
    } catch (error) {
      log('error', 'Host.Worker', `The app cannot be loaded: ${describe(error)}`);
    }
    last = performance.now();
    restarting = false;
  }

  function restart(why: string): void {
    if (restarting) return;
    restarting = true;
    void restartNow(why);
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
