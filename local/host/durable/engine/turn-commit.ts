import { EventType, executionStarted, historyEvent, type HistoryEvent } from '../history-event.ts';
import type { RuntimeStatus } from '../runtime-status.ts';
import type { DurableSettings } from '../settings.ts';
import type { Decision } from '../shim/decision.ts';
import type { Plan } from '../shim/plan-turn.ts';
import type { ActivityTask, Instance, InstanceChange } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { HistoryCache } from './history-cache.ts';
import type { Scheduler } from './scheduler.ts';
import { FIRST_OF_ALL, InstanceExistsError, newId, startInstance } from './start-instance.ts';
import { steadyNow } from './steady-clock.ts';
import type { Turn } from './turn.ts';

export interface CommitParts {
  store: Store;
  cache: HistoryCache;
  settings: DurableSettings;
  scheduler: Scheduler;
  /** Called behind the commit that ends an orchestration. */
  onFinished: (instanceId: string) => void;
}

export interface Ending {
  status: RuntimeStatus;
  /** JSON, or the plain text of a failure or reason. */
  output: string | null;
  /** JSON; left as it is when undefined. */
  customStatus?: string | null;
}

/** Work that a turn has written down, to be started once it is committed. */
interface NewWork {
  activities: ActivityTask[];
  wake: string[];
  timers: number[];
}

/**
 * The ends that a turn can have. Each is one transaction, and each does nothing when the orchestration was purged or
 * replaced while its function ran.
 */
export class TurnCommit {
  readonly instanceId: string;
  readonly #parts: CommitParts;

  constructor(parts: CommitParts, instanceId: string) {
    this.#parts = parts;
    this.instanceId = instanceId;
  }

  /** Completed, failed or terminated: the parent is told, what is left in the inbox is dropped. */
  finish(turn: Turn, ending: Ending): void {
    const { store, cache, scheduler, onFinished } = this.#parts;
    const { instance, now } = turn;
    const { status, output, customStatus } = ending;
    const completed = historyEvent(EventType.ExecutionCompleted, now, { OrchestrationStatus: status, Result: output });
    const done = this.#append(turn, { status, output, customStatus }, [completed], () => {
      store.dropWork(instance.instanceId);
      if (instance.parent) this.#tellParent(instance, instance.parent, ending);
    });
    cache.forget(instance.instanceId);
    if (!done) return;
    if (instance.parent) scheduler.wake(instance.parent.instanceId);
    onFinished(instance.instanceId);
  }

  /** Suspended or resumed, and nothing else. */
  pace(turn: Turn): void {
    const status = statusAfter(turn);
    if (!this.#append(turn, { status }, [])) return;
    // What has arrived meanwhile has been left in the inbox.
    if (status === 'Running') this.#parts.scheduler.wake(turn.instance.instanceId);
  }

  /** Not over: the new work is written down. */
  carryOn(turn: Turn, plan: Plan, customStatus: string | null): void {
    const work: NewWork = { activities: [], wake: [], timers: [] };
    const created = plan.decisions.map((decision) => this.#createdEvent(decision, turn.now));
    const done = this.#append(turn, { status: statusAfter(turn), customStatus }, created, () => {
      for (const decision of plan.decisions) this.#write(decision, turn, work);
    });
    if (!done) return;
    const { scheduler } = this.#parts;
    scheduler.addActivities(work.activities);
    for (const instanceId of work.wake) scheduler.wake(instanceId);
    for (const fireAt of work.timers) scheduler.wakeAt(fireAt, this.instanceId);
  }

  /** A new execution with an empty history, which gets the events that this one has not used. */
  continueAsNew(turn: Turn, plan: Plan, customStatus: string | null): void {
    const { store, cache, scheduler } = this.#parts;
    const { instance, messages, now } = turn;
    const { instanceId } = instance;
    const next = { ...instance, executionId: newId(), input: plan.continueAsNew?.input ?? null };
    const carried = [...plan.unprocessedEvents.early, ...plan.unprocessedEvents.late];
    const done = store.transaction(() => {
      if (!this.#isCurrent(turn)) return false;
      store.dropMessages(messages.map(({ id }) => id));
      store.dropMessagesOfExecution(instanceId, instance.executionId);
      store.clearHistory(instanceId);
      const { executionId, input } = next;
      store.updateInstance(instanceId, steadyNow(), { executionId, input, customStatus, status: statusAfter(turn) });
      store.send(instanceId, executionId, FIRST_OF_ALL, executionStarted(next, now));
      for (const event of carried) {
        // In front of what has been raised since.
        store.send(instanceId, null, FIRST_OF_ALL, { ...event, IsPlayed: false });
      }
      return true;
    });
    cache.forget(instanceId);
    if (done) scheduler.wake(instanceId);
  }

  #append(turn: Turn, change: InstanceChange, created: readonly HistoryEvent[], also?: () => void): boolean {
    const { store, cache } = this.#parts;
    const { instanceId, executionId } = turn.instance;
    const events = [...turn.fresh, ...created, historyEvent(EventType.OrchestratorCompleted, turn.now)];
    const done = store.transaction(() => {
      if (!this.#isCurrent(turn)) return false;
      store.dropMessages(turn.messages.map(({ id }) => id));
      store.appendHistory(instanceId, turn.past.length, events);
      store.updateInstance(instanceId, steadyNow(), change);
      also?.();
      return true;
    });
    if (done) cache.append(instanceId, executionId, events);
    else cache.forget(instanceId);
    return done;
  }

  #isCurrent({ instance }: Turn): boolean {
    return this.#parts.store.executionId(instance.instanceId) === instance.executionId;
  }

  #createdEvent(decision: Decision, now: number): HistoryEvent {
    const EventId = decision.number;
    switch (decision.kind) {
      case 'activity':
      case 'http': {
        const input = decision.kind === 'activity' && this.#parts.settings.storeInputs ? decision.input : null;
        return historyEvent(EventType.TaskScheduled, now, { EventId, Name: decision.name, Version: '', Input: input });
      }
      case 'timer':
        return historyEvent(EventType.TimerCreated, now, { EventId, FireAt: new Date(decision.fireAt).toISOString() });
      case 'sub-orchestration':
        return historyEvent(EventType.SubOrchestrationInstanceCreated, now, {
          EventId,
          Name: decision.name,
          Version: decision.version ?? '',
          InstanceId: decision.instanceId,
          Input: decision.input,
        });
    }
  }

  #write(decision: Decision, { instance, now }: Turn, work: NewWork): void {
    const { store } = this.#parts;
    const { instanceId, executionId } = instance;
    const taskId = decision.number;
    switch (decision.kind) {
      case 'activity':
        work.activities.push(
          store.addTask({
            instanceId,
            executionId,
            taskId,
            name: decision.name,
            input: decision.input,
            httpRequest: null,
          }),
        );
        break;
      case 'http': {
        const httpRequest = JSON.stringify(decision.request);
        work.activities.push(
          store.addTask({ instanceId, executionId, taskId, name: decision.name, input: null, httpRequest }),
        );
        break;
      }
      case 'timer': {
        const FireAt = new Date(decision.fireAt).toISOString();
        const fired = historyEvent(EventType.TimerFired, decision.fireAt, { TimerId: taskId, FireAt });
        store.send(instanceId, executionId, decision.fireAt, fired);
        work.timers.push(decision.fireAt);
        break;
      }
      case 'sub-orchestration':
        work.wake.push(this.#startChild(decision, instance, now));
    }
  }

  /** @returns whose inbox has something now: the child's, or the parent's own when the child could not be started */
  #startChild(
    decision: Decision & { kind: 'sub-orchestration' },
    { instanceId, executionId }: Instance,
    now: number,
  ): string {
    const { store, settings } = this.#parts;
    const parent = { instanceId, executionId, taskId: decision.number };
    const version = decision.version ?? settings.defaultVersion;
    try {
      startInstance(store, { ...decision, version, parent, replaceRunning: false }, now);
      return decision.instanceId;
    } catch (error) {
      if (!(error instanceof InstanceExistsError)) throw error;
      const failed = historyEvent(EventType.SubOrchestrationInstanceFailed, now, {
        TaskScheduledId: decision.number,
        Reason: `${error.message} (${decision.instanceId})`,
        Details: '',
      });
      store.send(instanceId, executionId, now, failed);
      return instanceId;
    }
  }

  #tellParent({ name }: Instance, parent: NonNullable<Instance['parent']>, { status, output }: Ending): void {
    const now = steadyNow();
    const TaskScheduledId = parent.taskId;
    const event =
      status === 'Completed'
        ? historyEvent(EventType.SubOrchestrationInstanceCompleted, now, { TaskScheduledId, Result: output })
        : historyEvent(EventType.SubOrchestrationInstanceFailed, now, {
            TaskScheduledId,
            Reason: output ?? `Orchestrator function '${name}' was ${status.toLowerCase()}.`,
            Details: '',
          });
    this.#parts.store.send(parent.instanceId, parent.executionId, now, event);
  }
}

/** Suspending and resuming take effect behind the turn that they arrive in. */
function statusAfter({ instance, fresh }: Turn): RuntimeStatus {
  let status: RuntimeStatus = instance.status === 'Suspended' ? 'Suspended' : 'Running';
  for (const event of fresh) {
    if (event.EventType === EventType.ExecutionSuspended) status = 'Suspended';
    if (event.EventType === EventType.ExecutionResumed) status = 'Running';
  }
  return status;
}
