import { RetryOptions, type OrchestrationContext, type Task, type TimerTask } from 'durable-functions';
import * as df from 'durable-functions';
import { countCall } from './activities.ts';

/** An orchestrator whose `yield`s give values of one type. */
type Steps<T> = Generator<Task, unknown, T>;

export function inMs(context: OrchestrationContext, ms: number): Date {
  return new Date(context.df.currentUtcDateTime.getTime() + ms);
}

export function firstLine(error: unknown): string {
  const [line = ''] = error instanceof Error ? error.message.split('\n') : [];
  return line.trim();
}

df.app.orchestration('chain', function* (context): Steps<number> {
  let sum = context.df.getInput<number>();
  for (const b of [1, 2, 3]) sum = yield context.df.callActivity('add', { a: sum, b });
  return sum;
});

df.app.orchestration('fan-out', function* (context): Steps<number[]> {
  const { width } = context.df.getInput<{ width: number }>();
  const tasks = Array.from({ length: width }, (_, index) => context.df.callActivity('echo', index));
  const results = yield context.df.Task.all(tasks);
  return results.reduce((sum, each) => sum + each, 0);
});

/** Three activities with a pause behind each of the first two: what the numbers of the host are measured with. */
df.app.orchestration('measure', function* (context): Steps<number> {
  const pauseMs = context.df.getInput<number>();
  let sum = 0;
  for (const step of [1, 2, 3]) {
    sum += yield context.df.callActivity('echo', step);
    if (step < 3) yield context.df.createTimer(inMs(context, pauseMs));
  }
  return sum;
});

df.app.orchestration('echo-all', function* (context): Steps<unknown> {
  const results: unknown[] = [];
  for (const value of context.df.getInput<unknown[]>()) results.push(yield context.df.callActivity('echo', value));
  return results;
});

df.app.orchestration('echo-undefined', function* (context): Steps<unknown> {
  const result = yield context.df.callActivity('echo');
  return { isNull: result === null };
});

df.app.orchestration('return-input', function* (context): Steps<never> {
  return { input: context.df.getInput(), type: typeof context.df.getInput(), version: context.df.version };
});

df.app.orchestration('retry', function* (context): Steps<number> {
  const input = context.df.getInput<{ key: string; failures: number; attempts: number; ms?: number }>();
  const options = new RetryOptions(input.ms ?? 5, input.attempts);
  try {
    const call = yield context.df.callActivityWithRetry('flaky', options, input);
    return { call, after: yield context.df.callActivity('echo', 7) };
  } catch (error) {
    return { failed: firstLine(error), after: yield context.df.callActivity('echo', 7) };
  }
});

df.app.orchestration('retry-timeout', function* (context): Steps<unknown> {
  const options = new RetryOptions(5, 100);
  options.retryTimeoutInMilliseconds = 1;
  return yield context.df.callActivityWithRetry('fail', options, 'always');
});

df.app.orchestration('child', function* (context): Steps<string> {
  const value = yield context.df.callActivity('echo', context.df.getInput());
  if (value === 'bad') throw new Error('the child is bad');
  return `child of ${context.df.parentInstanceId === undefined ? 'nobody' : 'somebody'}: ${value}`;
});

df.app.orchestration('parent', function* (context): Steps<string> {
  const good = yield context.df.callSubOrchestrator('child', 'good');
  try {
    yield context.df.callSubOrchestrator('child', 'bad');
  } catch (error) {
    return [good, firstLine(error)];
  }
  return 'no failure';
});

df.app.orchestration('parent-with-retry', function* (context): Steps<string> {
  const options = new RetryOptions(5, 3);
  const { key, failures } = context.df.getInput<{ key: string; failures: number }>();
  return yield context.df.callSubOrchestratorWithRetry('flaky-child', options, { key, failures }, `${key}-child`);
});

df.app.orchestration('flaky-child', function* (context): Steps<number> {
  return yield context.df.callActivity('flaky', context.df.getInput());
});

df.app.orchestration('parent-of', function* (context): Steps<unknown> {
  const { name, id, input } = context.df.getInput<{ name: string; id?: string; input?: unknown }>();
  return yield context.df.callSubOrchestrator(name, input, id);
});

df.app.orchestration('throw', function* (context): Steps<unknown> {
  yield context.df.callActivity('echo', 1);
  throw new Error('the orchestrator is bad');
});

df.app.orchestration('uncaught', function* (context): Steps<unknown> {
  return yield context.df.callActivity('fail', 'the activity is bad');
});

df.app.orchestration('not-there', function* (context): Steps<unknown> {
  return yield context.df.callActivity('no-such-activity', 1);
});

df.app.orchestration('pause', function* (context): Steps<unknown> {
  const ms = context.df.getInput<number>();
  const begin = context.df.currentUtcDateTime.getTime();
  yield context.df.createTimer(inMs(context, ms));
  return context.df.currentUtcDateTime.getTime() - begin >= ms;
});

/** Returns at once, but for the timer that nobody cancels. */
df.app.orchestration('forgotten-timer', function* (context): Steps<Task> {
  const timer = context.df.createTimer(inMs(context, context.df.getInput<number>()));
  yield context.df.Task.any([context.df.callActivity('echo', 1), timer]);
  return 'early';
});

/** The same activity in two races: what the SDK asks for twice. */
df.app.orchestration('race-twice', function* (context): Steps<Task> {
  const activity = context.df.callActivity('sleep', { key: context.df.instanceId, ms: 150 });
  yield context.df.Task.any([activity, context.df.createTimer(inMs(context, 10))]);
  const timer = context.df.createTimer(inMs(context, 10 * 60_000));
  const winner = yield context.df.Task.any([activity, timer]);
  if (winner === activity) timer.cancel();
  return winner === activity;
});

df.app.orchestration('race', function* (context): Steps<Task> {
  const { event, ms } = context.df.getInput<{ event: string; ms: number }>();
  const timer: TimerTask = context.df.createTimer(inMs(context, ms));
  const raised = context.df.waitForExternalEvent(event);
  const winner = yield context.df.Task.any([raised, timer]);
  if (winner === timer) return 'time is up';
  timer.cancel();
  return { raised: raised.result };
});

df.app.orchestration('collect', function* (context): Steps<unknown> {
  const { event, count, after } = context.df.getInput<{ event: string; count: number; after?: string }>();
  if (after !== undefined) yield context.df.waitForExternalEvent(after);
  const seen: unknown[] = [];
  while (seen.length < count) seen.push(yield context.df.waitForExternalEvent(event));
  return seen;
});

/** Takes one event in each execution. */
df.app.orchestration('collect-as-new', function* (context): Steps<unknown> {
  const input = context.df.getInput<{ count: number; seen: unknown[]; after?: string }>();
  if (input.after !== undefined) yield context.df.waitForExternalEvent(input.after);
  const seen = [...input.seen, yield context.df.waitForExternalEvent('next')];
  if (seen.length < input.count) context.df.continueAsNew({ count: input.count, seen });
  return seen;
});

df.app.orchestration('count-up', function* (context): Steps<unknown> {
  const { from, to, ms } = context.df.getInput<{ from: number; to: number; ms: number }>();
  yield context.df.createTimer(inMs(context, ms));
  if (from < to) context.df.continueAsNew({ from: from + 1, to, ms });
  return { reached: from };
});

/** A text handed to the next execution is written as JSON once more than it is read. */
df.app.orchestration('text-as-new', function* (context): Steps<unknown> {
  yield context.df.callActivity('echo', 1);
  const text = context.df.getInput<string>();
  if (text === 'text') context.df.continueAsNew(text);
  return text;
});

/** Counts each time that the function itself runs. */
df.app.orchestration('count-runs', function* (context): Steps<unknown> {
  countCall(context.df.instanceId);
  return yield context.df.waitForExternalEvent('go');
});

df.app.orchestration('poll', function* (context): Steps<{ polls: number }> {
  const { key, until, ms } = context.df.getInput<{ key: string; until: number; ms: number }>();
  for (let polls = 0; ; polls += 1) {
    const answer = yield context.df.callActivity('echo', { key, polls });
    context.df.setCustomStatus({ polls });
    if (answer.polls >= until) return answer;
    yield context.df.createTimer(inMs(context, ms));
  }
});

df.app.orchestration('status', function* (context): Steps<unknown> {
  context.df.setCustomStatus(context.df.getInput());
  return yield context.df.waitForExternalEvent('go');
});

df.app.orchestration('nap', function* (context): Steps<unknown> {
  return yield context.df.callActivity('sleep', context.df.getInput());
});

df.app.orchestration('busy', function* (context): Steps<unknown> {
  return yield context.df.callActivity('spin', context.df.getInput());
});

df.app.orchestration('crash', function* (context): Steps<unknown> {
  return yield context.df.callActivity('crash-once', context.df.getInput());
});

df.app.orchestration('moody', function* (context): Steps<unknown> {
  // What nobody may do: ask for something else whenever it is replayed.
  const names = ['echo', 'add'];
  yield context.df.callActivity(names[context.df.isReplaying ? 0 : 1] ?? 'echo', 1);
  return yield context.df.callActivity('echo', 1);
});

df.app.orchestration('count-entity', function* (context): Steps<unknown> {
  return yield context.df.callEntity(new df.EntityId('counter', 'one'), 'get');
});

df.app.orchestration('lock-entity', function* (context): Steps<unknown> {
  return yield context.df.lock(new df.EntityId('counter', 'one'));
});

df.app.orchestration('call-http', function* (context): Steps<{ statusCode: number; content: string }> {
  const answer = yield context.df.callHttp(context.df.getInput());
  return { statusCode: answer.statusCode, content: answer.content };
});

df.app.orchestration('crowd', function* (context): Steps<number[]> {
  const tasks = Array.from({ length: 8 }, () => context.df.callActivity('crowded', 30));
  return Math.max(...(yield context.df.Task.all(tasks)));
});
