import type { Answer } from '../http/answer.ts';
import { pause } from '../clock.ts';
import { badKey, badToken, missingRole, networkDenied, Refusal, serverError } from '../refusals.ts';
import type { Fault } from './fault.ts';
import type { Plan } from './plan.ts';

/** The connection is to be reset instead of answered. */
export const RESET = Symbol('reset');

/**
 * The faults that come before the operation: a delay, a refusal, an answer of another making, a reset.
 * @returns undefined when the operation may go on. @throws Refusal
 */
export async function strike(
  plan: Plan,
  request: { method: string; path: string; signal: AbortSignal },
): Promise<Answer | typeof RESET | undefined> {
  await pause(plan.find('slow')?.beforeMs ?? 0, request.signal);
  // Nobody waits for the answer any more.
  if (request.signal.aborted || plan.has('reset')) return RESET;
  const throttle = plan.find('throttle');
  if (throttle) throw throttled(throttle);
  const denied = plan.find('denied');
  if (denied) throw denial(denied.why, request);
  const status = plan.find('status');
  return status && answerWith(status);
}

function throttled({ retryAfterSeconds, retryAfterMs }: Extract<Fault, { kind: 'throttle' }>): Refusal {
  return new Refusal(
    429,
    {
      message: 'Too Many Requests: the token rate limit of this deployment is exceeded. Please try again later.',
      type: 'too_many_requests',
      param: null,
      code: 'too_many_requests',
    },
    {
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
      ...(retryAfterMs === undefined ? {} : { 'retry-after-ms': String(retryAfterMs) }),
    },
  );
}

function denial(
  why: 'key' | 'token' | 'role' | 'network',
  { method, path }: { method: string; path: string },
): Refusal {
  switch (why) {
    case 'key':
      return badKey();
    case 'token':
      return badToken();
    case 'role':
      return missingRole(method, path);
    case 'network':
      return networkDenied();
  }
}

function answerWith({ status, error, headers = {}, text }: Extract<Fault, { kind: 'status' }>): Answer {
  if (text !== undefined)
    return { status, body: Buffer.from(text), headers: { 'content-type': 'text/html', ...headers } };
  return { status, body: { error: error ?? serverError(status).body }, headers };
}
