import { setTimeout as delay } from 'node:timers/promises';
import { AppRestarted, trackInFlight } from './in-flight.ts';
import { runInvocation } from './invocation.ts';
import { loadApp, type LoadedApp } from './loaded-app.ts';
import type { FunctionApp, HostLog, RegisteredFunction, TypedData } from './types.ts';

export interface HostedAppOptions {
  appFolder: string;
  log: HostLog;
  /** Longest time a function may run; Infinity for no limit. */
  timeoutMs: number;
  /** Turns what the app registered into what this host runs: refuses, resolves, leaves out. Throws StartError. */
  prepare: (functions: readonly RegisteredFunction[]) => RegisteredFunction[];
  /** Values of the input bindings besides the trigger. */
  extraInputs: (fn: RegisteredFunction) => Record<string, TypedData>;
}

/** The app over all its loads: whoever holds it never notices that the code behind has been loaded anew. */
export interface HostedApp extends FunctionApp {
  /**
   * Loads the app for the first time, or anew: invocations in flight are cut off at once, new ones wait.
   * @param pauseMs waits that long before it loads
   */
  load(pauseMs?: number): Promise<void>;
  /** Resolves when a loaded app is there; rejects when the last load has failed. */
  ready(): Promise<LoadedApp>;
  /** Lets invocations in flight fail with AppRestarted. */
  cutOff(why: string): void;
  /** Called when a function has run into the time limit: the real host restarts the worker then. */
  onTimeout: ((fn: RegisteredFunction) => void) | undefined;
  /** Cuts off what runs, and runs the `appTerminate` hooks. */
  terminate(): Promise<void>;
}

/** Makes the app of a folder; nothing is loaded before {@link HostedApp.load}. */
export function createHostedApp(options: HostedAppOptions): HostedApp {
  const { appFolder, log, prepare } = options;
  const loads = new Loads();
  const inFlight = trackInFlight(options.timeoutMs, (fn) => app.onTimeout?.(fn));
  let functions: readonly RegisteredFunction[] = [];
  let byId = new Map<string, RegisteredFunction>();

  async function loadNext(previous: LoadedApp | undefined): Promise<LoadedApp> {
    if (previous) await terminateLoad(previous, log);
    const next = await loadApp(appFolder, log);
    functions = prepare([...next.registrations.functions.values()]);
    byId = new Map(functions.map((fn) => [fn.id, fn]));
    return next;
  }

  const app: HostedApp = {
    onTimeout: undefined,
    functions: () => functions,
    ready: () => loads.latest,
    cutOff: (why) => inFlight.abandon(why),
    load(pauseMs = 0) {
      inFlight.abandon('The app has been restarted while the function ran.');
      return loads.replace(async (previous) => {
        // Unreferenced: a host that is stopping does not wait for it.
        if (pauseMs > 0) await delay(pauseMs, undefined, { ref: false });
        return loadNext(previous);
      });
    },
    async invoke(fn, request) {
      const load = await loads.working();
      // Whoever holds a function may hold one of an earlier load.
      const now = byId.get(fn.id);
      if (!now) throw new AppRestarted(`Function '${fn.name}' is no longer part of the app.`);
      const complete = { ...request, inputs: { ...options.extraInputs(now), ...request.inputs } };
      return inFlight.run(now, () => runInvocation(load, now, complete, log));
    },
    async terminate() {
      inFlight.abandon('The host is stopping.');
      const last = await loads.end();
      if (last) await terminateLoad(last, log);
    },
  };
  return app;
}

/** The loads of one app, one after the other. */
class Loads {
  latest: Promise<LoadedApp> = Promise.reject(new Error('The app has not been loaded yet.'));
  /** Invocations that came while the app could not be loaded: that says nothing of the function, so they wait. */
  #waiting: { proceed: () => void; giveUp: (reason: Error) => void }[] = [];

  constructor() {
    ignoreRejection(this.latest);
  }

  async replace(load: (previous: LoadedApp | undefined) => Promise<LoadedApp>): Promise<void> {
    const previous = this.latest;
    this.latest = previous.catch(() => undefined).then(load);
    ignoreRejection(this.latest);
    await this.latest;
    for (const { proceed } of this.#waiting.splice(0)) proceed();
  }

  /** Waits for a load that works. Rejects with AppRestarted when there will be none. */
  async working(): Promise<LoadedApp> {
    for (;;) {
      const load = await this.latest.catch(() => undefined);
      if (load) return load;
      await new Promise<void>((proceed, giveUp) => this.#waiting.push({ proceed, giveUp }));
    }
  }

  async end(): Promise<LoadedApp | undefined> {
    for (const { giveUp } of this.#waiting.splice(0)) giveUp(new AppRestarted('The host is stopping.'));
    return this.latest.catch(() => undefined);
  }
}

async function terminateLoad(load: LoadedApp, log: HostLog): Promise<void> {
  try {
    await load.terminate();
  } catch (error) {
    log('error', 'Host.Worker', `A hook of appTerminate failed: ${describe(error)}`);
  }
}

/** Whoever needs the outcome awaits it; without anybody it must not count as unhandled. */
function ignoreRejection(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}

/** Text of anything thrown, with the stack where there is one. */
export function describe(error: unknown): string {
  if (error instanceof AppRestarted) return error.message;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
