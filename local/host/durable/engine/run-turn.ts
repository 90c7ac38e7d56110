import { describe } from '../../core/hosted-app.ts';
import { AppRestarted } from '../../core/in-flight.ts';
import type { FunctionApp, HostLog } from '../../core/types.ts';
import { EventType } from '../history-event.ts';
import type { DurableSettings } from '../settings.ts';
import type { OrchestratorState } from '../shim/actions.ts';
import { planTurn, type Plan } from '../shim/plan-turn.ts';
import type { Instance } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { callOrchestrator } from './call-orchestrator.ts';
import { findFunction, unknownFunctionMessage } from './find-function.ts';
import type { HistoryCache } from './history-cache.ts';
import type { TurnEnd } from './scheduler.ts';
import { steadyNow } from './steady-clock.ts';
import type { TurnCommit } from './turn-commit.ts';
import { takeTurn, type Turn } from './turn.ts';

export interface TurnParts {
  app: FunctionApp;
  store: Store;
  cache: HistoryCache;
  settings: DurableSettings;
  log: HostLog;
}

/** azure-functions-durable-extension, DurableOrchestrationContext.cs: UTF-16, counted in whole KB (seen on 3.19). */
const MAX_CUSTOM_STATUS_KB = 16;

const CHANGES_OF_PACE: ReadonlySet<number> = new Set([EventType.ExecutionSuspended, EventType.ExecutionResumed]);

/**
 * One turn of an orchestration: what has arrived, the function, what it asks for; written in one transaction.
 * Does nothing when nothing has arrived, or when `signal` was aborted meanwhile.
 * @returns `again` when the app was restarted under the function
 */
export async function runTurn(parts: TurnParts, commit: TurnCommit, signal: AbortSignal): Promise<TurnEnd> {
  const turn = takeTurn(parts, commit.instanceId, steadyNow());
  if (!turn) return 'over';
  const terminated = turn.fresh.find((event) => event.EventType === EventType.ExecutionTerminated);
  if (terminated) {
    commit.finish(turn, { status: 'Terminated', output: terminated.Input ?? null });
    return 'over';
  }
  if (turn.fresh.slice(1).every((event) => CHANGES_OF_PACE.has(event.EventType))) {
    commit.pace(turn);
    return 'over';
  }
  const answer = await callFunction(parts, turn);
  if (answer === 'again') return 'again';
  if (signal.aborted) return 'over';
  if ('failure' in answer) {
    commit.finish(turn, { status: 'Failed', output: answer.failure });
    return 'over';
  }
  settle(parts, commit, turn, answer);
  return answer.plan.openTasks > 1 ? 'expecting' : 'over';
}

interface Answer {
  state: OrchestratorState;
  plan: Plan;
}

/** @returns the answer, why the orchestration fails, or `again` when the app was restarted under the function */
async function callFunction(parts: TurnParts, turn: Turn): Promise<Answer | { failure: string } | 'again'> {
  const { app, settings, log } = parts;
  const { instance } = turn;
  const fn = findFunction(app, 'orchestrationTrigger', instance.name);
  if (!fn) return { failure: unknownFunctionMessage(app, 'orchestrationTrigger', instance.name) };
  const history = [...turn.past, ...turn.fresh];
  try {
    const state = await callOrchestrator(app, fn, instance, { history, settings });
    const plan = planTurn(state.actions, history, {
      instanceId: instance.instanceId,
      parentInstanceId: instance.parent?.instanceId,
      executionId: instance.executionId,
      maxTimerMs: settings.maxTimerMs,
      timerPieceMs: settings.timerPieceMs,
      httpPollMs: settings.httpPollMs,
    });
    return { state, plan };
  } catch (error) {
    if (error instanceof AppRestarted) return 'again';
    log('error', `Function.${fn.name}`, describe(error));
    return { failure: failed(instance, error instanceof Error ? error.message : String(error)) };
  }
}

function failed(instance: Instance, message: string): string {
  return `Orchestrator function '${instance.name}' failed: ${message}`;
}

/** Writes what the function has decided: an end, a new execution, or more work. */
function settle({ log }: TurnParts, commit: TurnCommit, turn: Turn, { state, plan }: Answer): void {
  const { instance } = turn;
  const { customStatus } = state;
  const size = Math.floor(((customStatus ?? '').length * 2) / 1024);
  if (size > MAX_CUSTOM_STATUS_KB) {
    const message = `The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. The current payload size is ${size} KB.`;
    commit.finish(turn, { status: 'Failed', output: failed(instance, message) });
    return;
  }
  // Like DurableTask.Core, an orchestration waits for its open tasks even when the function has returned or thrown.
  const over = (state.isDone || state.error !== undefined) && plan.openTasks === 0;
  if (!over) {
    commit.carryOn(turn, plan, customStatus);
  } else if (state.error !== undefined) {
    const output = failed(instance, state.error);
    log('error', `Function.${instance.name}`, `${output} (instance ${instance.instanceId})`);
    commit.finish(turn, { status: 'Failed', output, customStatus });
  } else if (plan.continueAsNew) {
    warnOfEarlyEvents(log, instance, plan);
    commit.continueAsNew(turn, plan, customStatus);
  } else {
    commit.finish(turn, { status: 'Completed', output: state.output, customStatus });
  }
}

function warnOfEarlyEvents(log: HostLog, instance: Instance, { unprocessedEvents }: Plan): void {
  const names = new Set(unprocessedEvents.early.map((event) => `'${event.Name ?? ''}'`));
  if (names.size === 0) return;
  log(
    'warning',
    `Function.${instance.name}`,
    `Instance ${instance.instanceId} continues as new with raised events that it has not waited for: ${[...names].join(', ')}. This host keeps them; Azure drops them.`,
  );
}
