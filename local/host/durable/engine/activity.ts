import { describe } from '../../core/hosted-app.ts';
import { AppRestarted } from '../../core/in-flight.ts';
import { fromTypedData } from '../../core/typed-data.ts';
import type {
  BindingData,
  DeliverOutputs,
  FunctionApp,
  HostLog,
  RegisteredFunction,
  TypedData,
} from '../../core/types.ts';
import { EventType, historyEvent, type FailureDetails, type HistoryEvent } from '../history-event.ts';
import { parseDurableHttpRequest } from '../shim/http-request.ts';
import type { ActivityTask } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { findFunction, unknownFunctionMessage } from './find-function.ts';
import { callHttp } from './http-activity.ts';
import { steadyNow } from './steady-clock.ts';

export interface ActivityParts {
  app: FunctionApp;
  store: Store;
  deliverOutputs: DeliverOutputs;
  log: HostLog;
  /** Called when the result is in the orchestration's inbox. */
  wake(instanceId: string): void;
}

type Ending = { result: string | null } | { failure: Failure };

interface Failure {
  Reason: string;
  Details: string;
  FailureDetails: FailureDetails | null;
}

/**
 * Runs an activity and puts its end into the inbox of its orchestration, once: a killed host runs it again, but of two
 * ends only the first counts.
 * @returns false when the app was restarted under it: to be run again
 */
export async function runActivity(parts: ActivityParts, task: ActivityTask, signal: AbortSignal): Promise<boolean> {
  if (!parts.store.hasTask(task.id)) return true;
  let ending: Ending;
  try {
    ending = {
      result:
        task.httpRequest === null
          ? await invoke(parts, task)
          : await callHttp(parseDurableHttpRequest(task.httpRequest)),
    };
  } catch (error) {
    if (error instanceof AppRestarted) return false;
    if (!signal.aborted) parts.log('error', `Function.${task.name}`, describe(error));
    ending = { failure: failureOf(task, error) };
  }
  if (signal.aborted) return true;
  const event = endEvent(task, ending);
  parts.store.transaction(() => {
    if (parts.store.dropTask(task.id)) parts.store.send(task.instanceId, task.executionId, steadyNow(), event);
  });
  parts.wake(task.instanceId);
  return true;
}

function endEvent(task: ActivityTask, ending: Ending): HistoryEvent {
  const TaskScheduledId = task.taskId;
  return 'failure' in ending
    ? historyEvent(EventType.TaskFailed, steadyNow(), { TaskScheduledId, ...ending.failure })
    : historyEvent(EventType.TaskCompleted, steadyNow(), { TaskScheduledId, Result: ending.result });
}

async function invoke({ app, deliverOutputs }: ActivityParts, task: ActivityTask): Promise<string | null> {
  const fn = findFunction(app, 'activityTrigger', task.name);
  if (!fn) throw new Error(unknownFunctionMessage(app, 'activityTrigger', task.name));
  const input: unknown = task.input === null ? null : JSON.parse(task.input);
  const { outputs, returnValue } = await app.invoke(fn, {
    inputs: { [fn.trigger.name]: inputData(input) },
    triggerMetadata: { instanceId: { string: task.instanceId } },
  });
  await deliver(deliverOutputs, { fn, outputs, returnValue }, bindingData(task, input));
  return resultText(fromTypedData(returnValue));
}

/**
 * The SDK sends a string as its JSON text: one level is unwrapped here, the other by the library. A bare `true` reaches an activity as
 * .NET writes it, the text `True`, which is no JSON to the library.
 */
function inputData(input: unknown): TypedData {
  if (input === null || input === undefined) return {};
  if (typeof input === 'boolean') return { string: input ? 'True' : 'False' };
  return { string: typeof input === 'string' ? input : JSON.stringify(input) };
}

async function deliver(
  deliverOutputs: DeliverOutputs,
  answer: { fn: RegisteredFunction; outputs: Record<string, TypedData>; returnValue?: TypedData | null },
  data: BindingData,
): Promise<void> {
  const { fn, outputs, returnValue } = answer;
  // `return: output.storageQueue(...)`: the returned value goes there, and to the orchestrator.
  const all = fn.bindings.$return && returnValue ? { ...outputs, $return: returnValue } : outputs;
  if (Object.keys(all).length > 0) await deliverOutputs(fn, all, data);
}

/** What `{name}` in the path of an output stands for: the instance id and the fields of the input. */
function bindingData(task: ActivityTask, input: unknown): BindingData {
  const fields = typeof input === 'object' && input !== null ? Object.entries(input) : [];
  const scalars = fields.filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return { ...Object.fromEntries(scalars.map(([name, value]) => [name, String(value)])), instanceId: task.instanceId };
}

function resultText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return JSON.stringify(value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value);
}

function failureOf(task: ActivityTask, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? null) : null;
  const type = 'System.Exception';
  return {
    Reason: `Activity function '${task.name}' failed: ${message}`,
    // A serialised .NET exception, which the app gets to see behind the first line of the message.
    Details: JSON.stringify({
      $type: `${type}, System.Private.CoreLib`,
      ClassName: type,
      Message: message,
      StackTraceString: stack,
    }),
    FailureDetails: failureDetails(message),
  };
}

/** With `df.app.setExceptionPropertiesProvider` the SDK sends the failure as JSON in place of the message. */
function failureDetails(message: string): FailureDetails | null {
  if (!message.startsWith('{')) return null;
  let sent: unknown;
  try {
    sent = JSON.parse(message);
  } catch {
    // An ordinary message that happens to begin with a brace.
    return null;
  }
  if (typeof sent !== 'object' || sent === null || !('errorType' in sent) || !('properties' in sent)) return null;
  const { errorType, properties } = sent;
  return {
    ErrorType: String(errorType),
    ErrorMessage: 'errorMessage' in sent ? String(sent.errorMessage) : '',
    ...('stackTrace' in sent ? { StackTrace: String(sent.stackTrace) } : {}),
    IsNonRetriable: 'isNonRetriable' in sent && sent.isNonRetriable === true,
    ...(typeof properties === 'object' && properties !== null ? { Properties: { ...properties } } : {}),
  };
}
