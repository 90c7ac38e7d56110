import type { DeliverOutputs, FunctionApp, HostLog } from '../../core/types.ts';
import { EventType, historyEvent, type EventTypeNumber, type HistoryEvent } from '../history-event.ts';
import { isFinished } from '../runtime-status.ts';
import type { DurableSettings } from '../settings.ts';
import type { Instance } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { runActivity } from './activity.ts';
import { findFunction, unknownFunctionMessage } from './find-function.ts';
import { HistoryCache } from './history-cache.ts';
import { runTurn } from './run-turn.ts';
import { Scheduler } from './scheduler.ts';
import { checkInstanceId, newId, startInstance } from './start-instance.ts';
import { steadyNow } from './steady-clock.ts';
import { TurnCommit } from './turn-commit.ts';

export interface EngineOptions {
  app: FunctionApp;
  store: Store;
  deliverOutputs: DeliverOutputs;
  log: HostLog;
  settings: DurableSettings;
}

export interface OrchestrationStart {
  name: string;
  /** Drawn when undefined. */
  instanceId?: string | undefined;
  /** JSON text. */
  input: string | null;
  version?: string | null;
}

/** The app has no orchestrator of that name. */
export class UnknownOrchestratorError extends Error {
  override name = 'UnknownOrchestratorError';
}

/** How long running work items may take to end when the host stops. */
const STOP_GRACE_MS = 2_000;

/** Runs the orchestrations of one task hub. */
export class Engine {
  readonly store: Store;
  readonly #options: EngineOptions;
  readonly #cache: HistoryCache;
  readonly #scheduler: Scheduler;
  readonly #waiters = new Map<string, Set<() => void>>();

  constructor(options: EngineOptions) {
    const { app, store, deliverOutputs, log, settings } = options;
    this.store = store;
    this.#options = options;
    this.#cache = new HistoryCache(store);
    const turnParts = { app, store, cache: this.#cache, settings, log };
    this.#scheduler = new Scheduler({
      maxTurns: settings.maxConcurrentOrchestrators,
      maxActivities: settings.maxConcurrentActivities,
      log,
      runTurn: (instanceId, signal) => runTurn(turnParts, this.#commitOf(instanceId), signal),
      runActivity: (task, signal) =>
        runActivity({ app, store, deliverOutputs, log, wake: (id) => this.#scheduler.wake(id) }, task, signal),
    });
  }

  /** Takes up everything that the last process has left: activities run again, timers and messages are due. */
  start(): void {
    this.#scheduler.addActivities(this.store.tasks());
    for (const { instanceId, at } of this.store.wakeTimes()) this.#scheduler.wakeAt(at, instanceId);
  }

  /** Starts no more work, and lets what runs end within two seconds. After that the store may be closed. */
  stop(): Promise<void> {
    return this.#scheduler.stop(STOP_GRACE_MS);
  }

  /**
   * @returns the instance id
   * @throws UnknownOrchestratorError, InvalidInstanceIdError, InstanceExistsError
   */
  startOrchestration({ name, instanceId, input, version }: OrchestrationStart): string {
    const { app, settings } = this.#options;
    const fn = findFunction(app, 'orchestrationTrigger', name);
    if (!fn) throw new UnknownOrchestratorError(unknownFunctionMessage(app, 'orchestrationTrigger', name));
    const id = instanceId ?? newId();
    checkInstanceId(id);
    const start = {
      name: fn.name,
      instanceId: id,
      input,
      version: version ?? settings.defaultVersion,
      parent: null,
      replaceRunning: settings.replaceRunning,
    };
    this.store.transaction(() => {
      startInstance(this.store, start, steadyNow());
    });
    this.#scheduler.wake(id);
    return id;
  }

  /** @param input JSON text */
  raiseEvent(instanceId: string, name: string, input: string): void {
    this.#send(instanceId, EventType.EventRaised, { Name: name, Input: input });
  }

  terminate(instanceId: string, reason: string): void {
    this.#send(instanceId, EventType.ExecutionTerminated, { Input: reason });
  }

  suspend(instanceId: string, reason: string): void {
    this.#send(instanceId, EventType.ExecutionSuspended, { Reason: reason });
  }

  resume(instanceId: string, reason: string): void {
    this.#send(instanceId, EventType.ExecutionResumed, { Reason: reason });
  }

  /** Removes all trace of these orchestrations; running ones are gone as well. */
  purge(instanceIds: readonly string[]): void {
    this.store.transaction(() => {
      for (const instanceId of instanceIds) this.store.purge(instanceId);
    });
    for (const instanceId of instanceIds) this.#cache.forget(instanceId);
  }

  /** Resolves with the instance as it is when it has ended, or after `timeoutMs`. */
  async whenFinished(instanceId: string, timeoutMs: number): Promise<Instance | undefined> {
    const instance = this.store.instance(instanceId);
    if (!instance || isFinished(instance.status)) return instance;
    await new Promise<void>((resolve) => {
      const waiters = this.#waiters.get(instanceId) ?? new Set();
      this.#waiters.set(instanceId, waiters);
      const done = (): void => {
        clearTimeout(timer);
        waiters.delete(done);
        if (waiters.size === 0) this.#waiters.delete(instanceId);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      waiters.add(done);
    });
    return this.store.isOpen ? this.store.instance(instanceId) : undefined;
  }

  #commitOf(instanceId: string): TurnCommit {
    const { store, settings } = this.#options;
    const onFinished = (finished: string): void => {
      for (const done of this.#waiters.get(finished) ?? []) done();
    };
    return new TurnCommit({ store, settings, cache: this.#cache, scheduler: this.#scheduler, onFinished }, instanceId);
  }

  #send(instanceId: string, type: EventTypeNumber, fields: Pick<HistoryEvent, 'Name' | 'Input' | 'Reason'>): void {
    const now = steadyNow();
    this.store.send(instanceId, null, now, historyEvent(type, now, fields));
    this.#scheduler.wake(instanceId);
  }
}
