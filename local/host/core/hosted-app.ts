import { runInvocation } from './invocation.ts';
import { loadApp, type LoadedApp } from './loaded-app.ts';
import type {
  FunctionApp,
  HostLog,
  InvocationRequest,
  InvocationResult,
  RegisteredFunction,
  TypedData,
} from './types.ts';

/** An invocation was cut off because the app was restarted or the host stopped: it says nothing about the function. */
export class AppRestarted extends Error {
  override name = 'AppRestarted';
}

/** The function ran longer than host.json's `functionTimeout`. */
export class FunctionTimeout extends Error {
  override name = 'FunctionTimeout';
}

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
  /** Loads the app for the first time, or anew: invocations in flight are cut off, new ones wait. */
  load(): Promise<void>;
  /** Resolves when a loaded app is there; rejects when the last load has failed. */
  ready(): Promise<LoadedApp>;
  /** Called when a function has run into the time limit: the real host restarts the worker then. */
  onTimeout: ((fn: RegisteredFunction) => void) | undefined;
  /** Invocations that run now. */
  running(): number;
  /** Cuts off what runs, and runs the `appTerminate` hooks. */
  terminate(): Promise<void>;
}

/** Longest delay that setTimeout takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function createHostedApp(options: HostedAppOptions): HostedApp {
  const { appFolder, log, timeoutMs, prepare, extraInputs } = options;
  let loaded: Promise<LoadedApp> = Promise.reject(new Error('The app has not been loaded yet.'));
  loaded.catch(() => undefined);
  let functions: readonly RegisteredFunction[] = [];
  let byId = new Map<string, RegisteredFunction>();
  const inFlight = new Set<(reason: Error) => void>();
  /** Invocations that came while the app could not be loaded: they say nothing of the function, so they wait. */
  const waiting: { proceed: () => void; giveUp: (reason: Error) => void }[] = [];

  async function untilLoaded(): Promise<LoadedApp> {
    for (;;) {
      const load = await loaded.catch(() => undefined);
      if (load) return load;
      await new Promise<void>((proceed, giveUp) => waiting.push({ proceed, giveUp }));
    }
  }

  function abandon(why: string): void {
    for (const reject of inFlight) reject(new AppRestarted(why));
    inFlight.clear();
  }

  async function loadNow(previous: Promise<LoadedApp>): Promise<LoadedApp> {
    const old = await previous.catch(() => undefined);
    if (old) await terminateLoad(old);
    const next = await loadApp(appFolder, log);
    functions = prepare([...next.registrations.functions.values()]);
    byId = new Map(functions.map((fn) => [fn.id, fn]));
    return next;
  }

  async function terminateLoad(old: LoadedApp): Promise<void> {
    try {
      await old.terminate();
    } catch (error) {
      log('error', 'Host.Worker', `A hook of appTerminate failed: ${describe(error)}`);
    }
  }

  const app: HostedApp = {
    onTimeout: undefined,
    functions: () => functions,
    running: () => inFlight.size,
    ready: () => loaded,
    async load() {
      abandon('The app has been restarted while the function ran.');
      loaded = loadNow(loaded);
      // Whoever invokes next is told; without a waiter it must not count as unhandled.
      loaded.catch(() => undefined);
      await loaded;
      for (const { proceed } of waiting.splice(0)) proceed();
    },
    async invoke(fn, request) {
      const load = await untilLoaded();
      const now = byId.get(fn.id);
      if (!now) throw new AppRestarted(`Function '${fn.name}' is no longer part of the app.`);
      return guarded(now, () => runInvocation(load, now, withExtraInputs(now, request), log));
    },
    async terminate() {
      abandon('The host is stopping.');
      for (const { giveUp } of waiting.splice(0)) giveUp(new AppRestarted('The host is stopping.'));
      const last = await loaded.catch(() => undefined);
      if (last) await terminateLoad(last);
    },
  };

  function withExtraInputs(fn: RegisteredFunction, request: InvocationRequest): InvocationRequest {
    return { ...request, inputs: { ...extraInputs(fn), ...request.inputs } };
  }

  function guarded(fn: RegisteredFunction, run: () => Promise<InvocationResult>): Promise<InvocationResult> {
    return new Promise((resolve, reject) => {
      inFlight.add(reject);
      const timer = timeoutMs <= MAX_TIMER_MS ? setTimeout(timedOut, timeoutMs) : undefined;
      function timedOut(): void {
        const limit = `Timeout value of ${timeoutMs / 1000} s exceeded by function '${fn.name}'.`;
        log('error', `Function.${fn.name}`, `${limit} The app is restarted, as in Azure.`);
        reject(new FunctionTimeout(limit));
        app.onTimeout?.(fn);
      }
      run()
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer);
          inFlight.delete(reject);
        });
    });
  }

  return app;
}

/** Text of anything thrown, with the stack where there is one. */
export function describe(error: unknown): string {
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
