import { join } from 'node:path';
import type { Handler } from '../kit/server.ts';
import type { HostJson } from './core/host-json.ts';
import { describe, type HostedApp } from './core/hosted-app.ts';
import type { LocalSettings } from './core/local-settings.ts';
import type { HostLog, RegisteredFunction, TypedData } from './core/types.ts';
import { createAdmin } from './http/admin.ts';
import type { InvokeFunction } from './http/call.ts';
import { corsRules } from './http/cors.ts';
import { createFrontDoor } from './http/front-door.ts';
import { openKeys, type Keys } from './http/keys.ts';
import { compileRoutes, type Route } from './http/routes.ts';
import { SCAN_INTERVAL_MS } from './triggers/blob-trigger.ts';
import { createEventGridDoor } from './triggers/event-grid.ts';
import { warnOfIgnoredRetries } from './triggers/function-retry.ts';
import { createListeners, fireByHand, type Listeners } from './triggers/listeners.ts';
import { createOutputs } from './triggers/outputs.ts';
import { createStorageConnections } from './triggers/storage-connections.ts';

export interface PartsOptions {
  app: HostedApp;
  stateFolder: string;
  hostId: string;
  hostJson: HostJson;
  settings: LocalSettings;
  auth: boolean;
  blobScanIntervalMs: number | undefined;
  log: HostLog;
}

/** What runs the functions of the app: HTTP, listeners, Durable. */
export interface Parts {
  answer: Handler;
  extraInputs(fn: RegisteredFunction): Record<string, TypedData>;
  /** Loads the app and begins to listen. */
  load(): Promise<void>;
  /** The same again, for new code. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

const HOST_VERSION = '4.1037.0';

/** Puts the parts of the host together; nothing runs before {@link Parts.load}. */
export function createParts(options: PartsOptions): Parts {
  const { app, hostJson, settings, log, hostId } = options;
  const connections = createStorageConnections(process.env);
  const deliver = createOutputs(connections, hostJson.extensions.queues.messageEncoding);
  let routes: readonly Route[] = [];
  let keys: Keys | undefined;
  let listeners: Listeners | undefined;
  let fault: string | undefined;

  const invoke: InvokeFunction = async (fn, request, bindingData) => {
    const result = await app.invoke(fn, request);
    const { returnValue } = result;
    const outputs =
      fn.bindings.$return && returnValue && !returnValue.http
        ? { ...result.outputs, $return: returnValue }
        : result.outputs;
    await deliver(fn, outputs, bindingData);
    return result;
  };

  function makeListeners(): Listeners {
    return createListeners({
      app,
      connections,
      hostJson,
      hostId,
      blobScanIntervalMs: options.blobScanIntervalMs ?? SCAN_INTERVAL_MS,
      timeZone: process.env.WEBSITE_TIME_ZONE,
      invoke,
      log,
    });
  }

  function fire(fn: RegisteredFunction, input: string): boolean {
    if (!listeners) return false;
    const fired = fireByHand(fn, input, { invoke, connections, blobs: listeners.blobs });
    fired?.catch((error: unknown) => log('error', `Function.${fn.name}`, describe(error)));
    return fired !== undefined;
  }

  async function load(): Promise<void> {
    try {
      await app.load();
      routes = compileRoutes(app.functions(), hostJson.extensions.http.routePrefix);
      if (options.auth)
        keys = openKeys(
          join(options.stateFolder, 'keys'),
          app.functions().map((fn) => fn.name),
        );
      warnOfIgnoredRetries(app.functions(), log);
      listeners = makeListeners();
      await listeners.start();
      fault = undefined;
      announce(app, routes, log);
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  const frontDoor = createFrontDoor({
    app,
    routes: () => routes,
    invoke,
    log,
    cors: corsRules(settings.Host.CORS, settings.Host.CORSCredentials),
    customHeaders: hostJson.extensions.http.customHeaders,
    keys: () => keys,
    webhooks: () => ({
      blobs: createEventGridDoor(app.functions, () => listeners?.blobs),
    }),
    admin: createAdmin({
      app,
      hostId,
      version: HOST_VERSION,
      errors: () => (fault === undefined ? [] : [fault]),
      fire,
    }),
  });

  return {
    answer: frontDoor,
    extraInputs: () => ({}),
    load,
    async reload() {
      const quiet = listeners?.stop();
      await load();
      await quiet;
    },
    async stop() {
      const quiet = listeners?.stop();
      await app.terminate();
      await quiet;
    },
  };
}

function announce(app: HostedApp, routes: readonly Route[], log: HostLog): void {
  for (const { fn, template, methods } of routes) {
    log('information', 'Host.Startup', `${fn.name}: [${methods ? [...methods].join(',') : 'all'}] /${template}`);
  }
  for (const fn of app.functions()) {
    if (fn.trigger.type.toLowerCase() !== 'httptrigger')
      log('information', 'Host.Startup', `${fn.name}: ${fn.trigger.type}`);
  }
}
