import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Handler } from '../kit/server.ts';
import type { HostJson } from './core/host-json.ts';
import { describe, type HostedApp } from './core/hosted-app.ts';
import type { LoadedApp } from './core/loaded-app.ts';
import type { LocalSettings } from './core/local-settings.ts';
import type { DeliverOutputs, Durable, HostLog, RegisteredFunction, TypedData } from './core/types.ts';
import { createDurableDoor, isDurableClient, openDurable, usesDurable } from './durable-part.ts';
import { createAdmin } from './http/admin.ts';
import type { InvokeFunction } from './http/call.ts';
import { corsRules } from './http/cors.ts';
import { createFrontDoor } from './http/front-door.ts';
import { openKeys, type Keys } from './http/keys.ts';
import { compileRoutes, type Route } from './http/routes.ts';
import { createEventGridDoor } from './triggers/event-grid.ts';
import { warnOfIgnoredRetries } from './triggers/function-retry.ts';
import { createListeners, type Listeners } from './triggers/listeners.ts';
import { createOutputs } from './triggers/outputs.ts';
import { createStorageConnections, type StorageConnections } from './triggers/storage-connections.ts';

export interface PartsOptions {
  app: HostedApp;
  /** Where callers reach the host. */
  address: string;
  stateFolder: string;
  hostId: string;
  hostJson: HostJson;
  settings: LocalSettings;
  auth: boolean;
  blobScanIntervalMs: number;
  log: HostLog;
}

/** What the real host's `/admin/host/status` would say. */
const HOST_VERSION = '4.1037.0';

/** The whole host has to be gone two seconds after it is told to stop. */
const ACTIVITY_GRACE_MS = 500;

/** Everything that runs functions of the app: HTTP, listeners, Durable. Nothing runs before {@link Parts.load}. */
export class Parts {
  /** Takes every request of the host's server. */
  readonly answer: Handler;
  readonly #options: PartsOptions;
  readonly #connections: StorageConnections;
  readonly #deliver: DeliverOutputs;
  #routes: readonly Route[] = [];
  #keys: Keys | undefined;
  #listeners: Listeners | undefined;
  #durable: Durable | undefined;
  /** The load that requests wait for. */
  #loading: Promise<LoadedApp>;
  /** The load that listens. */
  #listening: Promise<void> = Promise.resolve();
  #fault: string | undefined;

  constructor(options: PartsOptions) {
    this.#options = options;
    this.#connections = createStorageConnections(process.env);
    this.#deliver = createOutputs(this.#connections, options.hostJson.extensions.queues.messageEncoding);
    this.#loading = options.app.ready();
    this.answer = this.#createFrontDoor();
  }

  /** Values of the input bindings besides the trigger. */
  extraInputs(fn: RegisteredFunction): Record<string, TypedData> {
    const inputs: Record<string, TypedData> = {};
    for (const { name, type } of Object.values(fn.bindings)) {
      if (this.#durable && isDurableClient(type)) inputs[name] = { string: this.#durable.clientPayload() };
    }
    return inputs;
  }

  /**
   * Loads the app, for the first time or anew, and begins to listen. What runs is cut off at once; requests that come
   * from now on wait for the new load. A call while another one works begins after that.
   */
  load(pauseMs = 0): Promise<void> {
    this.#options.app.cutOff('The app has been restarted while the function ran.');
    this.#loading = this.#listening.catch(() => undefined).then(() => this.#prepare(pauseMs));
    this.#listening = this.#loading.then(() => this.#listeners?.start());
    return this.#listening.then(
      () => {
        this.#fault = undefined;
      },
      (error: unknown) => {
        this.#fault = error instanceof Error ? error.message : String(error);
        throw error;
      },
    );
  }

  /** Lets activities end that are about to, then cuts off all that runs. */
  async stop(): Promise<void> {
    const quiet = this.#listeners?.stop();
    const durable = this.#durable?.stop();
    if (durable) await Promise.race([durable, delay(ACTIVITY_GRACE_MS, undefined, { ref: false })]);
    await this.#options.app.terminate();
    await Promise.all([quiet, durable]);
  }

  /** All that has to be there before the first request reaches a function. */
  async #prepare(pauseMs: number): Promise<LoadedApp> {
    const { app, hostJson, log } = this.#options;
    await Promise.all([this.#listeners?.stop(), app.load(pauseMs)]);
    const functions = app.functions();
    this.#routes = compileRoutes(functions, hostJson.extensions.http.routePrefix);
    if (this.#options.auth) {
      const names = functions.map((fn) => fn.name);
      this.#keys = openKeys(join(this.#options.stateFolder, 'keys'), names);
    }
    warnOfIgnoredRetries(functions, log);
    this.#listeners = createListeners({
      ...this.#options,
      connections: this.#connections,
      timeZone: process.env.WEBSITE_TIME_ZONE,
      invoke: this.#invoke,
    });
    if (!this.#durable && functions.some(usesDurable)) {
      const systemCode = this.#keys?.systemKey('durabletask');
      this.#durable = await openDurable({ ...this.#options, deliverOutputs: this.#deliver, systemCode });
      this.#durable.start();
    }
    announce(functions, this.#routes, log);
    return app.ready();
  }

  readonly #invoke: InvokeFunction = async (fn, request, bindingData) => {
    const result = await this.#options.app.invoke(fn, request);
    const { returnValue, outputs } = result;
    const isOutput = fn.bindings.$return !== undefined && returnValue && returnValue.http === undefined;
    await this.#deliver(fn, isOutput ? { ...outputs, $return: returnValue } : outputs, bindingData);
    return result;
  };

  #createFrontDoor(): Handler {
    const { app, hostJson, settings, log, hostId } = this.#options;
    const blobs = createEventGridDoor(
      () => app.functions(),
      () => this.#listeners?.blobs,
    );
    return createFrontDoor({
      loaded: () => this.#loading,
      routes: () => this.#routes,
      invoke: this.#invoke,
      log,
      cors: corsRules(settings.Host.CORS, settings.Host.CORSCredentials),
      customHeaders: hostJson.extensions.http.customHeaders,
      keys: () => this.#keys,
      webhooks: () => ({ blobs, ...(this.#durable ? { durabletask: createDurableDoor(this.#durable) } : {}) }),
      admin: createAdmin({
        functions: () => app.functions(),
        hostId,
        version: HOST_VERSION,
        errors: () => (this.#fault === undefined ? [] : [this.#fault]),
        fire: (fn, input) => this.#fire(fn, input),
      }),
    });
  }

  #fire(fn: RegisteredFunction, input: string): boolean {
    const fired = this.#listeners?.fire(fn, input);
    fired?.catch((error: unknown) => this.#options.log('error', `Function.${fn.name}`, describe(error)));
    return fired !== undefined;
  }
}

function announce(functions: readonly RegisteredFunction[], routes: readonly Route[], log: HostLog): void {
  for (const { fn, template, methods } of routes) {
    log('information', 'Host.Startup', `${fn.name}: [${methods ? [...methods].join(',') : 'all'}] /${template}`);
  }
  for (const fn of functions) {
    if (fn.trigger.type.toLowerCase() !== 'httptrigger')
      log('information', 'Host.Startup', `${fn.name}: ${fn.trigger.type}`);
  }
}
