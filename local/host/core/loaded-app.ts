import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { createCoreModule, type Registrations } from './core-module.ts';
import { findEntryPoints } from './entry-points.ts';
import { importApp } from './module-hook.ts';
import { hookContext, type ProgrammingModel } from './programming-model.ts';
import { StartError } from './start-error.ts';
import type { HostLog } from './types.ts';

/** One load of the app: what it registered, and what the library gave the host. */
export interface LoadedApp {
  readonly registrations: Registrations;
  readonly model: ProgrammingModel;
  /** Shared by all hooks, as long as this load lives. */
  readonly appHookData: object;
  /** The library's own HTTP server: present when the app has turned HTTP streaming on. */
  readonly streamServer: http.Server | undefined;
  /** Runs the `appTerminate` hooks. */
  terminate(): Promise<void>;
}

/** What the real worker offers; the library adds its own. */
const CAPABILITIES = {
  RawHttpBodyBytes: 'true',
  RpcHttpBodyOnly: 'true',
  RpcHttpTriggerMetadataRemoved: 'true',
  TypedDataCollection: 'true',
  UseNullableValueDictionaryForHttp: 'true',
} as const;

/**
 * Loads the app's entry points and starts it.
 * @throws StartError for a folder without a built app; whatever the app's own modules or `appStart` hooks throw
 */
export async function loadApp(appFolder: string, log: HostLog): Promise<LoadedApp> {
  const entries = findEntryPoints(appFolder);
  const { module, registrations } = createCoreModule(log);
  await importApp(entries, module);
  const model = registrations.model ?? NO_MODEL;
  const appHookData = {};
  const hookData = {};
  for (const hook of registrations.hooks.appStart) {
    await hook(hookContext({ functionAppDirectory: appFolder }, { hookData, appHookData }));
  }
  const streamServer = await startModel(model);
  registrations.locked = true;
  warnOfSilence(registrations, log);
  return {
    registrations,
    model,
    appHookData,
    streamServer,
    async terminate() {
      for (const hook of registrations.hooks.appTerminate) {
        await hook(hookContext({}, { hookData, appHookData }));
      }
    },
  };
}

/**
 * Asks the library for its capabilities, which locks its set-up and, with streaming on, makes it start a server of its
 * own. The host takes that server's listener and hands requests to it directly: no second socket for each request.
 */
async function startModel(model: ProgrammingModel): Promise<http.Server | undefined> {
  const made: http.Server[] = [];
  const { createServer } = http;
  http.createServer = new Proxy(createServer, {
    apply(target, self, parameters) {
      const server: unknown = Reflect.apply(target, self, parameters);
      if (isServer(server)) made.push(server);
      return server;
    },
  });
  // ES modules that import names of node:http see the change only so.
  syncBuiltinESMExports();
  let capabilities: Record<string, string> | undefined;
  try {
    capabilities = await model.getCapabilities?.({ ...CAPABILITIES });
  } finally {
    http.createServer = createServer;
    syncBuiltinESMExports();
  }
  const server = capabilities?.HttpUri === undefined ? undefined : made.at(-1);
  if (capabilities?.HttpUri !== undefined && !server) {
    throw new StartError('HTTP streaming is on, but this host cannot take over the server of @azure/functions.');
  }
  // It listens on every interface; nobody needs it to.
  for (const each of made) each.removeAllListeners('close').close();
  return server;
}

function isServer(value: unknown): value is http.Server {
  return value instanceof http.Server;
}

/** Stands in while an app has registered nothing: the library shows itself with the first function. */
const NO_MODEL: ProgrammingModel = {
  name: 'none',
  version: '0',
  getInvocationModel: () => {
    throw new Error('The app has registered no functions.');
  },
};

function warnOfSilence(registrations: Registrations, log: HostLog): void {
  if (registrations.functions.size > 0) return;
  log(
    'warning',
    'Host.Startup',
    'The app has registered no functions. Does "main" of its package.json name the files that do? Is there only one copy of @azure/functions (npm ls @azure/functions)?',
  );
}
