/**
 * Task numbers are the heart of Durable Functions. The SDK's actions carry none: it counts tasks as it starts them, and
 * retries and pieces of long timers as events arrive. The host counts again, by running the list of actions over the
 * history; what history has not scheduled yet is new work. (azure-functions-durable-extension,
 * OutOfProcOrchestrationShim.cs; durabletask, TaskOrchestrationContext.cs.) Where the .NET side would count differently
 * from the SDK, the SDK's count holds here: results then always reach the task they belong to.
 */
import { EventType, eventTypeName, type EventTypeNumber, type HistoryEvent } from '../history-event.ts';
import { UnsupportedActionError, type Action } from './actions.ts';
import { all, any, httpWithPolling, longTimer, retried, type TaskSource } from './composed-tasks.ts';
import type { Decision, DecisionOf } from './decision.ts';
import { ExternalEvents } from './external-events.ts';
import { ReplayTask, type Outcome } from './replay-task.ts';

export interface PlanOptions {
  instanceId: string;
  parentInstanceId: string | undefined;
  executionId: string;
  /** Longest timer that is not split. */
  maxTimerMs: number;
  /** Length of the pieces of a longer one. */
  timerPieceMs: number;
  /** Pause between polls of `callHttp` when the answer names none. */
  httpPollMs: number;
}

export interface Plan {
  /** New work, by number. */
  decisions: readonly Decision[];
  /** Activities, sub-orchestrations and timers that have not ended. An orchestration ends only when there are none. */
  openTasks: number;
  continueAsNew: { input: string | null } | undefined;
  /** Raised events that this execution has not used. */
  unprocessedEvents: {
    /** Came after the function had asked to continue as new: Azure carries them over. */
    late: readonly HistoryEvent[];
    /** Came before, and nobody waited for them: Azure drops them. */
    early: readonly HistoryEvent[];
  };
}

/** The function does not ask again for what its own history says it has asked for. */
export class NonDeterministicError extends Error {
  override name = 'NonDeterministicError';
}

/**
 * Says what an orchestration has to do next. Pure: same actions and history, same plan.
 * @throws NonDeterministicError
 * @throws UnsupportedActionError for what this host refuses
 */
export function planTurn(actions: readonly Action[], history: readonly HistoryEvent[], options: PlanOptions): Plan {
  return new Replay(actions, options).run(history);
}

const CREATED_BY: Readonly<Record<Decision['kind'], EventTypeNumber>> = {
  activity: EventType.TaskScheduled,
  http: EventType.TaskScheduled,
  timer: EventType.TimerCreated,
  'sub-orchestration': EventType.SubOrchestrationInstanceCreated,
};

class Replay implements TaskSource {
  /** Time of the current turn; never runs backwards, as in the SDK. */
  now = 0;
  readonly options: PlanOptions;
  readonly #actions: readonly Action[];
  readonly #events = new ExternalEvents();
  readonly #lateEvents: HistoryEvent[] = [];
  readonly #open = new Map<number, ReplayTask>();
  readonly #cancelled = new Set<number>();
  readonly #decisions = new Map<number, Decision>();
  #nextNumber = 0;
  #continueAsNew: { input: string | null } | undefined;

  constructor(actions: readonly Action[], options: PlanOptions) {
    this.#actions = actions;
    this.options = options;
  }

  run(history: readonly HistoryEvent[]): Plan {
    for (const event of history) this.#apply(event);
    return {
      decisions: [...this.#decisions.values()].sort((a, b) => a.number - b.number),
      openTasks: [...this.#open.keys()].filter((number) => !this.#cancelled.has(number)).length,
      continueAsNew: this.#continueAsNew,
      unprocessedEvents: { late: this.#lateEvents, early: this.#events.unprocessed() },
    };
  }

  #apply(event: HistoryEvent): void {
    switch (event.EventType) {
      case EventType.OrchestratorStarted:
        this.now = Math.max(this.now, new Date(event.Timestamp).getTime());
        break;
      case EventType.ExecutionStarted:
        this.#startFrom(0);
        break;
      case EventType.TaskScheduled:
      case EventType.TimerCreated:
      case EventType.SubOrchestrationInstanceCreated:
        this.#strikeOff(event);
        break;
      case EventType.TaskCompleted:
      case EventType.SubOrchestrationInstanceCompleted:
        this.#settle(event.TaskScheduledId, { ok: true, result: event.Result });
        break;
      case EventType.TaskFailed:
      case EventType.SubOrchestrationInstanceFailed:
        this.#settle(event.TaskScheduledId, { ok: false });
        break;
      case EventType.TimerFired:
        this.#settle(event.TimerId, { ok: true });
        break;
      case EventType.EventRaised:
        this.#raise(event);
        break;
      default:
    }
  }

  /** Starts action after action, for as long as each is over at once. */
  #startFrom(first: number): void {
    for (let index = first; ; index += 1) {
      const action = this.#actions[index];
      if (!action) return;
      const task = this.start(action);
      if (task.isSettled) continue;
      task.whenSettled(() => {
        this.#startFrom(index + 1);
      });
      return;
    }
  }

  #raise(event: HistoryEvent): void {
    if (this.#continueAsNew) this.#lateEvents.push(event);
    else this.#events.raise(event);
  }

  #strikeOff(event: HistoryEvent): void {
    const decision = this.#decisions.get(event.EventId);
    const name = decision && 'name' in decision ? decision.name : undefined;
    if (decision && CREATED_BY[decision.kind] === event.EventType && sameName(name, event.Name)) {
      this.#decisions.delete(event.EventId);
      return;
    }
    const now = decision ? `now asks for ${describe(decision)}` : "hasn't (yet?) asked for it";
    throw new NonDeterministicError(
      `Non-Deterministic workflow detected: a previous execution of this orchestration recorded ${eventTypeName(event.EventType)}${event.Name ? ` '${event.Name}'` : ''} with sequence number ${event.EventId}, but the current replay ${now}. Was the orchestrator code changed after this instance had started, or does it depend on time, chance or I/O?`,
    );
  }

  #settle(number: number | undefined, outcome: Outcome): void {
    if (number === undefined) return;
    const task = this.#open.get(number);
    this.#open.delete(number);
    task?.settle(outcome);
  }

  reserve(): number {
    return this.#nextNumber++;
  }

  schedule(decision: DecisionOf, number = this.reserve()): ReplayTask {
    const task = new ReplayTask();
    this.#decisions.set(number, { ...decision, number });
    this.#open.set(number, task);
    return task;
  }

  timer(fireAt: number, cancelled = false): ReplayTask {
    const number = this.reserve();
    // The SDK still hears of a cancelled timer, but nobody waits for it any more.
    if (cancelled) this.#cancelled.add(number);
    return this.schedule({ kind: 'timer', fireAt }, number);
  }

  start(action: Action): ReplayTask {
    switch (action.kind) {
      case 'activity': {
        const call = () => this.schedule({ kind: 'activity', name: action.name, input: action.input });
        return action.retry ? retried(this, call, action) : call();
      }
      case 'sub-orchestration': {
        const call = () => this.#subOrchestration(action);
        return action.retry ? retried(this, call, action) : call();
      }
      case 'timer':
        return longTimer(this, action);
      case 'http':
        return httpWithPolling(this, action.request);
      case 'event':
        return this.#events.waitFor(action.name);
      case 'continue-as-new':
        this.#continueAsNew = { input: action.input };
        return ReplayTask.settled();
      case 'any':
        return any(action.actions.map((each) => this.start(each)));
      case 'all':
        return all(action.actions.map((each) => this.start(each)));
    }
  }

  #subOrchestration(action: Action & { kind: 'sub-orchestration' }): ReplayTask {
    const { instanceId, parentInstanceId, executionId } = this.options;
    const wanted = action.instanceId?.toLowerCase();
    if (wanted !== undefined && (wanted === instanceId.toLowerCase() || wanted === parentInstanceId?.toLowerCase())) {
      throw new UnsupportedActionError(
        'The instance ID of a sub-orchestration must be different than the instance ID of a parent orchestration.',
      );
    }
    const number = this.reserve();
    const child = action.instanceId ?? `${executionId}:${number}`;
    return this.schedule(
      { kind: 'sub-orchestration', name: action.name, input: action.input, instanceId: child, version: action.version },
      number,
    );
  }
}

function sameName(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || a.toLowerCase() === b?.toLowerCase();
}

function describe(decision: Decision): string {
  return decision.kind === 'timer' ? 'a timer' : `${decision.kind} '${decision.name}'`;
}
