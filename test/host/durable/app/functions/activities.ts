import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as df from 'durable-functions';

/** Tests read here what really ran, and activities remember here what a killed host forgets. */
const scratch = process.env.SCRATCH ?? '.';

/** Counts its calls in a file, and returns how many there were before. */
export function countCall(key: string): number {
  const file = join(scratch, `calls-${key}`);
  appendFileSync(file, '.');
  return statSync(file).size - 1;
}

df.app.activity('echo', { handler: (input: unknown) => input });
df.app.activity('add', { handler: ({ a, b }: { a: number; b: number }) => a + b });
df.app.activity('fail', {
  handler: (message: string) => {
    throw new Error(message);
  },
});
df.app.activity('flaky', {
  handler: ({ key, failures }: { key: string; failures: number }) => {
    const call = countCall(key);
    if (call < failures) throw new Error(`call ${call} of ${key} fails`);
    return call;
  },
});
df.app.activity('count', { handler: (key: string) => countCall(key) });
df.app.activity('sleep', {
  handler: async ({ key, ms }: { key: string; ms: number }) => {
    const call = countCall(key);
    await sleep(ms);
    return call;
  },
});
df.app.activity('spin', {
  handler: (ms: number) => {
    for (const end = performance.now() + ms; performance.now() < end;);
    return ms;
  },
});
df.app.activity('crash-once', {
  handler: async (key: string) => {
    const call = countCall(key);
    if (call > 0) return call;
    setTimeout(() => {
      throw new Error('nobody catches this');
    });
    await sleep(60_000);
    return call;
  },
});

let running = 0;

/** Tells how many of its kind run at once. */
df.app.activity('crowded', {
  handler: async (ms: number) => {
    running += 1;
    const seen = running;
    await sleep(ms);
    running -= 1;
    return seen;
  },
});
