import { EventType, historyEvent, type HistoryEvent } from '../../../../../local/host/durable/history-event.ts';
import type { Action } from '../../../../../local/host/durable/shim/actions.ts';
import type { Decision } from '../../../../../local/host/durable/shim/decision.ts';
import { planTurn, type Plan, type PlanOptions } from '../../../../../local/host/durable/shim/plan-turn.ts';

export const SECOND = 1000;
export const START = Date.UTC(2026, 0, 1);

const options: PlanOptions = {
  instanceId: 'instance',
  parentInstanceId: undefined,
  executionId: 'execution',
  maxTimerMs: 60 * SECOND,
  timerPieceMs: 30 * SECOND,
  httpPollMs: 5 * SECOND,
};

/** Plays the host: keeps the history of one orchestration, and lets its tasks end one after the other. */
export class Rehearsal {
  readonly history: HistoryEvent[] = [];
  #now = START;

  /** One turn: `arrived` comes in `afterMs` later, and what the plan asks for is written down. */
  turn(actions: readonly Action[], arrived: readonly HistoryEvent[], afterMs = SECOND): Plan {
    this.#now += afterMs;
    this.history.push(historyEvent(EventType.OrchestratorStarted, this.#now), ...arrived);
    const plan = planTurn(actions, this.history, options);
    this.history.push(...plan.decisions.map((decision) => created(decision, this.#now)));
    this.history.push(historyEvent(EventType.OrchestratorCompleted, this.#now));
    return plan;
  }
}

export const started = (): HistoryEvent => historyEvent(EventType.ExecutionStarted, START, { Name: 'test' });
export const completed = (TaskScheduledId: number, result: unknown = null): HistoryEvent =>
  historyEvent(EventType.TaskCompleted, START, { TaskScheduledId, Result: JSON.stringify(result) });
export const failed = (TaskScheduledId: number): HistoryEvent =>
  historyEvent(EventType.TaskFailed, START, { TaskScheduledId, Reason: 'no', Details: '' });
export const fired = (TimerId: number): HistoryEvent => historyEvent(EventType.TimerFired, START, { TimerId });
export const raised = (Name: string): HistoryEvent =>
  historyEvent(EventType.EventRaised, START, { Name, Input: 'null' });

export const activity = (name: string): Action => ({ kind: 'activity', name, input: null, retry: undefined });
export const timer = (afterMs: number, cancelled = false): Action => ({
  kind: 'timer',
  fireAt: START + afterMs,
  cancelled,
});
export const event = (name: string): Action => ({ kind: 'event', name });
export const retriedActivity = (name: string, maxAttempts: number): Action => ({
  kind: 'activity',
  name,
  input: null,
  retry: { firstDelayMs: SECOND, maxAttempts, backoff: 2, maxDelayMs: undefined, timeoutMs: undefined },
});

/** `0 A`, `1 timer`: number and what it is for. */
export function asked(plan: Plan): string[] {
  return plan.decisions.map((decision) => `${decision.number} ${'name' in decision ? decision.name : decision.kind}`);
}

function created(decision: Decision, now: number): HistoryEvent {
  const EventId = decision.number;
  if (decision.kind === 'timer') return historyEvent(EventType.TimerCreated, now, { EventId });
  const type =
    decision.kind === 'sub-orchestration' ? EventType.SubOrchestrationInstanceCreated : EventType.TaskScheduled;
  return historyEvent(type, now, { EventId, Name: decision.name });
}
