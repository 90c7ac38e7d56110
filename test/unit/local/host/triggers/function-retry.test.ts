import { describe, expect, it } from 'vitest';
import { AppRestarted } from '../../../../../local/host/core/in-flight.ts';
import type { RegisteredFunction } from '../../../../../local/host/core/types.ts';
import {
  retryDelayMs,
  runWithRetries,
  warnOfIgnoredRetries,
} from '../../../../../local/host/triggers/function-retry.ts';

function fn(type: string, retryOptions: unknown): RegisteredFunction {
  const trigger = { name: 't', type, direction: 'in' as const };
  return { id: 'f', name: 'f', bindings: { t: trigger }, trigger, retryOptions, callback: () => undefined };
}

const fixed = { maxRetryCount: 2, retryStrategy: 'fixedDelay' as const, delayInterval: { seconds: 0 } };
const options = { log: () => undefined, signal: new AbortController().signal };

async function attempts(policy: unknown, outcome: (attempt: number) => Error | undefined): Promise<unknown[]> {
  const contexts: unknown[] = [];
  const run = (context: unknown) => {
    const error = outcome(contexts.push(context));
    return error ? Promise.reject(error) : Promise.resolve({ outputs: {} });
  };
  await runWithRetries(fn('timerTrigger', policy), run, options).catch(() => undefined);
  return contexts;
}

describe('retry policies', () => {
  it('tries again until it works, and tells the function which attempt it is', async () => {
    const contexts = await attempts(fixed, (attempt) => (attempt < 2 ? new Error() : undefined));
    expect(contexts).toEqual([
      { retryCount: 0, maxRetryCount: 2 },
      { retryCount: 1, maxRetryCount: 2 },
    ]);
  });

  it('gives up after the last retry, and at once without a policy', async () => {
    expect(await attempts(fixed, () => new Error())).toHaveLength(3);
    expect(await attempts(undefined, () => new Error())).toEqual([undefined]);
  });

  it('leaves it at that when the app was restarted under it', async () => {
    expect(await attempts(fixed, () => new AppRestarted())).toHaveLength(1);
  });

  it('waits longer each time, within its limits', () => {
    const policy = {
      maxRetryCount: -1,
      retryStrategy: 'exponentialBackoff' as const,
      minimumInterval: { seconds: 2 },
      maximumInterval: { seconds: 10 },
    };
    expect([1, 2, 3, 4].map((retry) => retryDelayMs(policy, retry, () => 0.5))).toEqual([2000, 4000, 8000, 10_000]);
    expect(retryDelayMs(policy, 1, () => 0)).toBe(2000);
    expect(retryDelayMs({ ...fixed, delayInterval: { seconds: 3 } }, 5)).toBe(3000);
  });

  it('says which policies have no effect', () => {
    const warnings: string[] = [];
    const functions = [fn('queueTrigger', fixed), fn('timerTrigger', fixed), fn('queueTrigger', undefined)];
    warnOfIgnoredRetries(functions, (_level, _category, message) => warnings.push(message));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('not supported for queueTrigger');
  });
});
