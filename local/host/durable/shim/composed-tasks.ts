/** Tasks made of several: retries, long timers, polled HTTP calls, Task.all and Task.any. */
import { UnsupportedActionError, type RetryPolicy } from './actions.ts';
import { HTTP_ACTIVITY, type DecisionOf } from './decision.ts';
import type { DurableHttpRequest } from './http-request.ts';
import { ReplayTask } from './replay-task.ts';

/** Hands out numbers and single tasks. */
export interface TaskSource {
  readonly now: number;
  readonly options: { maxTimerMs: number; timerPieceMs: number; httpPollMs: number };
  reserve(): number;
  schedule(decision: DecisionOf, number?: number): ReplayTask;
  timer(fireAt: number, cancelled?: boolean): ReplayTask;
}

/** durabletask, RetryOptions.cs: the longest pause when the policy names none. */
const DEFAULT_MAX_RETRY_DELAY_MS = 6 * 24 * 60 * 60 * 1000;

/**
 * Attempt, timer, attempt, timer ... A timer follows the last failure too.
 * @throws UnsupportedActionError once the policy's time-out has passed: the SDK does not know it and would wait for ever
 */
export function retried(
  source: TaskSource,
  call: () => ReplayTask,
  { name, retry }: { name: string; retry: RetryPolicy | undefined },
): ReplayTask {
  const outer = new ReplayTask();
  if (!retry) return call();
  const started = source.now;
  const attempt = (failures: number): void => {
    call().whenSettled((outcome) => {
      if (outcome.ok) {
        outer.settle(outcome);
        return;
      }
      if (retry.timeoutMs !== undefined && source.now >= started + retry.timeoutMs)
        throw retryTimeout(name, retry.timeoutMs);
      const delay = Math.min(
        retry.firstDelayMs * retry.backoff ** failures,
        retry.maxDelayMs ?? DEFAULT_MAX_RETRY_DELAY_MS,
      );
      source.timer(source.now + delay).whenSettled(() => {
        if (failures + 1 < retry.maxAttempts) attempt(failures + 1);
        else outer.settle(outcome);
      });
    });
  };
  attempt(0);
  return outer;
}

function retryTimeout(name: string, timeoutMs: number): UnsupportedActionError {
  return new UnsupportedActionError(
    `The retryTimeoutInMilliseconds (${timeoutMs}) of '${name}' has passed. The JavaScript SDK does not act on it: in Azure this orchestration would wait for ever. Limit the number of attempts instead.`,
  );
}

/** A timer longer than the longest one is a row of pieces, each with a number of its own. */
export function longTimer(
  source: TaskSource,
  { fireAt, cancelled }: { fireAt: number; cancelled: boolean },
): ReplayTask {
  const { maxTimerMs, timerPieceMs } = source.options;
  if (fireAt - source.now <= maxTimerMs) return source.timer(fireAt, cancelled);
  const outer = new ReplayTask();
  const nextPiece = (): void => {
    const left = fireAt - source.now;
    if (left <= 0) {
      outer.settle({ ok: true });
      return;
    }
    source.timer(source.now + Math.min(left, timerPieceMs), cancelled).whenSettled(nextPiece);
  };
  nextPiece();
  return outer;
}

/** Repeats a request answered with 202 at the `Location` that it names, as `DurableOrchestrationContext.CallHttpAsync`. */
export function httpWithPolling(source: TaskSource, request: DurableHttpRequest): ReplayTask {
  if (!request.polling) return source.schedule({ kind: 'http', name: HTTP_ACTIVITY, request });
  const outer = new ReplayTask();
  const send = (current: DurableHttpRequest, number?: number): void => {
    source.schedule({ kind: 'http', name: HTTP_ACTIVITY, request: current }, number).whenSettled((outcome) => {
      const answer = outcome.ok ? acceptedAnswer(outcome.result) : undefined;
      if (!answer) {
        outer.settle(outcome);
        return;
      }
      const timer = source.timer(source.now + (answer.retryAfterMs ?? source.options.httpPollMs));
      // The SDK numbers the timer and the request behind it together.
      const nextNumber = source.reserve();
      timer.whenSettled(() => {
        send(pollRequest(current, answer.location), nextNumber);
      });
    });
  };
  send(request);
  return outer;
}

function pollRequest(request: DurableHttpRequest, location: string): DurableHttpRequest {
  // A key of the first function does not fit the status address.
  const headers = Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'x-functions-key');
  return {
    ...request,
    method: 'GET',
    content: undefined,
    uri: new URL(location, request.uri).href,
    headers: Object.fromEntries(headers),
  };
}

function acceptedAnswer(
  result: string | null | undefined,
): { location: string; retryAfterMs: number | undefined } | undefined {
  const answer: unknown = JSON.parse(result ?? 'null');
  if (typeof answer !== 'object' || answer === null) return undefined;
  if (!('statusCode' in answer) || answer.statusCode !== 202) return undefined;
  if (!('headers' in answer) || typeof answer.headers !== 'object' || answer.headers === null) return undefined;
  const headers = new Map(Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  const location = headers.get('location');
  if (!location) return undefined;
  const seconds = Number(headers.get('retry-after'));
  return { location, retryAfterMs: seconds > 0 ? seconds * 1000 : undefined };
}

/** Over with the last success or the first failure, as in the SDK. */
export function all(tasks: readonly ReplayTask[]): ReplayTask {
  const outer = new ReplayTask();
  let left = tasks.length;
  for (const task of tasks) {
    task.whenSettled((outcome) => {
      left -= 1;
      if (!outcome.ok || left === 0) outer.settle(outcome);
    });
  }
  return outer;
}

/** Over with the first end of any kind. */
export function any(tasks: readonly ReplayTask[]): ReplayTask {
  const outer = new ReplayTask();
  for (const task of tasks) {
    task.whenSettled((outcome) => {
      outer.settle(outcome);
    });
  }
  return outer;
}
