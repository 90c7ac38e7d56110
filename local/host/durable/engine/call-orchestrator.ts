import { fromTypedData } from '../../core/typed-data.ts';
import type { FunctionApp, RegisteredFunction } from '../../core/types.ts';
import type { HistoryEvent } from '../history-event.ts';
import type { DurableSettings } from '../settings.ts';
import { parseOrchestratorState, type OrchestratorState } from '../shim/actions.ts';
import type { Instance } from '../store/records.ts';

/** In front of the state in the message of what the SDK throws (npm:durable-functions, OrchestrationFailureError.js). */
const STATE_MARK = '\n\n$OutOfProcData$:';
/** Replay schema V4, the newest that the SDK knows: numbers start at 0 for V1. */
const REPLAY_SCHEMA = 3;

/**
 * Has the SDK replay the function over `history`.
 * @returns what it has asked for, also when the function threw
 * @throws what the function threw before the SDK could take note; AppRestarted; UnsupportedActionError
 */
export async function callOrchestrator(
  app: FunctionApp,
  fn: RegisteredFunction,
  instance: Instance,
  { history, settings }: { history: readonly HistoryEvent[]; settings: DurableSettings },
): Promise<OrchestratorState> {
  const triggerInput = {
    history,
    input: parsed(instance.input),
    instanceId: instance.instanceId,
    isReplaying: history.some((event) => event.IsPlayed),
    parentInstanceId: instance.parent?.instanceId ?? null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: REPLAY_SCHEMA,
    longRunningTimerIntervalDuration: timeSpan(settings.timerPieceMs),
    maximumShortTimerDuration: timeSpan(settings.maxTimerMs),
    // The SDK spells it like this.
    defaultHttpAsyncRequestSleepTimeMillseconds: settings.httpPollMs,
  };
  try {
    const { returnValue } = await app.invoke(fn, { inputs: { [fn.trigger.name]: {} }, triggerInput });
    const state = fromTypedData(returnValue);
    return parseOrchestratorState(typeof state === 'string' ? JSON.parse(state) : state);
  } catch (error) {
    const state = error instanceof Error ? error.message.split(STATE_MARK)[1] : undefined;
    if (state === undefined) throw error;
    return parseOrchestratorState(JSON.parse(state));
  }
}

function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}

/** .NET's TimeSpan: `d.hh:mm:ss.fff`. */
function timeSpan(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const part = (value: number): string => String(value % 60).padStart(2, '0');
  const hours = String(Math.floor(seconds / 3600) % 24).padStart(2, '0');
  const fraction = String(ms % 1000).padStart(3, '0');
  return `${Math.floor(seconds / 86_400)}.${hours}:${part(Math.floor(seconds / 60))}:${part(seconds)}.${fraction}`;
}
