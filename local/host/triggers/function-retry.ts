import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { AppRestarted } from '../core/in-flight.ts';
import type { HostLog, InvocationRequest, InvocationResult, RegisteredFunction } from '../core/types.ts';

const duration = z.object({ seconds: z.coerce.number() }).optional();
const policy = z.object({
  maxRetryCount: z.number().int(),
  retryStrategy: z.enum(['fixedDelay', 'exponentialBackoff']),
  delayInterval: duration,
  minimumInterval: duration,
  maximumInterval: duration,
});

/** A function's own retry policy, as the app registered it. */
export type RetryPolicy = z.infer<typeof policy>;

/** Triggers whose functions the real host retries; of the others it ignores the policy (their queues retry). */
const RETRIED_TRIGGERS = new Set(['timertrigger']);

/** The policy of a function that the host has to follow; undefined for none. */
function retryPolicy(fn: RegisteredFunction): RetryPolicy | undefined {
  if (!RETRIED_TRIGGERS.has(fn.trigger.type.toLowerCase())) return undefined;
  const parsed = policy.safeParse(fn.retryOptions);
  return parsed.success ? parsed.data : undefined;
}

/** Says which functions have a retry policy that has no effect, here as on the real host. */
export function warnOfIgnoredRetries(functions: readonly RegisteredFunction[], log: HostLog): void {
  for (const fn of functions) {
    if (!policy.safeParse(fn.retryOptions).success || retryPolicy(fn)) continue;
    log(
      'warning',
      'Host.Startup',
      `Function '${fn.name}': retry policies are not supported for ${fn.trigger.type}; it is ignored, as in Azure.`,
    );
  }
}

/** How long to wait before retry number `retry` (from 1), in milliseconds. */
export function retryDelayMs(options: RetryPolicy, retry: number, random: () => number = Math.random): number {
  if (options.retryStrategy === 'fixedDelay') return (options.delayInterval?.seconds ?? 0) * 1000;
  const least = (options.minimumInterval?.seconds ?? 0) * 1000;
  const most = (options.maximumInterval?.seconds ?? 0) * 1000;
  // The real strategy spreads its waits by a fifth either way.
  const spread = 0.8 + random() * 0.4;
  return Math.min(most, Math.max(least, least * 2 ** (retry - 1) * spread));
}

/**
 * Runs a function, and again after a failure as its policy says.
 * @throws what the last attempt threw
 */
export async function runWithRetries(
  fn: RegisteredFunction,
  run: (retryContext: InvocationRequest['retryContext']) => Promise<InvocationResult>,
  { log, signal }: { log: HostLog; signal: AbortSignal },
): Promise<void> {
  const options = retryPolicy(fn);
  for (let retryCount = 0; ; retryCount += 1) {
    try {
      await run(options && { retryCount, maxRetryCount: options.maxRetryCount });
      return;
    } catch (error) {
      const isLast = !options || (options.maxRetryCount !== -1 && retryCount >= options.maxRetryCount);
      if (isLast || signal.aborted || error instanceof AppRestarted) throw error;
      const wait = retryDelayMs(options, retryCount + 1);
      log('warning', `Function.${fn.name}`, `Failed, retry ${retryCount + 1} in ${wait / 1000} s: ${String(error)}`);
      // An aborted pause is over: the next look at the signal ends the loop.
      await delay(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}
