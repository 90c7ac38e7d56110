/** What the public samples of the SDK are made of, each in a few lines. */
import { output, type InvocationContext } from '@azure/functions';
import { RetryOptions, type RegisteredActivity, type Task } from 'durable-functions';
import * as df from 'durable-functions';
import { inMs } from './orchestrators.ts';

type Steps<T> = Generator<Task, unknown, T>;

/** Registering gives a function that makes the task. */
const greet: RegisteredActivity = df.app.activity('greet', { handler: (name: unknown) => `Hello ${String(name)}` });
const greetOne = df.app.orchestration('greet-one', function* (context): Steps<string> {
  const greeting = yield greet(context.df.getInput());
  context.df.setCustomStatus(greeting);
  return greeting;
});

df.app.orchestration('greet-three', function* (context): Steps<string> {
  const first = yield context.df.callActivity('greet', 'Oslo');
  const second = yield greet('Lima');
  return [first, second, yield greetOne('Cairo')];
});

/** A timer that is made, never waited for, and cancelled. */
df.app.orchestration('cancel-timer', function* (context): Steps<string> {
  const timer = context.df.createTimer(inMs(context, 10 * 60_000));
  const greeting = yield greet('from the other side');
  if (!timer.isCompleted) timer.cancel();
  return greeting;
});

/** A plain number as input, and a value returned behind `continueAsNew`. */
df.app.orchestration('count-to-ten', function* (context): Steps<unknown> {
  const next = (context.df.getInput<number>() || 0) + 1;
  yield context.df.createTimer(inMs(context, 1));
  if (next < 10) context.df.continueAsNew(next);
  return next;
});

df.app.activity('challenge', { handler: () => 4711 });

/** Three tries for the right code, all of them against one timer. */
df.app.orchestration('verify-code', function* (context): Steps<unknown> {
  const code = yield context.df.callActivity('challenge', '+47');
  const timeout = context.df.createTimer(inMs(context, 10 * 60_000));
  let verified = false;
  for (let tries = 0; tries < 3 && !verified; tries += 1) {
    const answer = context.df.waitForExternalEvent('answer');
    if ((yield context.df.Task.any([answer, timeout])) === timeout) break;
    verified = answer.result === code;
  }
  if (!timeout.isCompleted) timeout.cancel();
  return verified;
});

const backups = output.storageBlob({ path: 'backups/{folder}/{name}', connection: 'AzureWebJobsStorage' });
const reports = output.storageQueue({ queueName: 'backup-reports', connection: 'AzureWebJobsStorage' });

df.app.activity('back-up', {
  extraOutputs: [backups, reports],
  handler: (file: { folder: string; name: string; text: string }, context: InvocationContext) => {
    context.extraOutputs.set(backups, file.text);
    context.extraOutputs.set(reports, { saved: file.name });
    return file.text.length;
  },
});

/** Fan out over files, each to a blob; add up their lengths. */
df.app.orchestration('back-up-all', function* (context): Steps<number[]> {
  const files = context.df.getInput<{ folder: string; name: string; text: string }[]>();
  const lengths = yield context.df.Task.all(files.map((file) => context.df.callActivity('back-up', file)));
  return lengths.reduce((sum, each) => sum + each, 0);
});

const unreliable = df.app.activity('unreliable', {
  handler: () => {
    throw new Error('as always');
  },
});
const alwaysThrows = df.app.orchestration('always-throws', function* (): Steps<never> {
  yield* [];
  throw new Error('does what it says');
});

/** Both kinds of retries give up, and the orchestrator takes it lightly. */
df.app.orchestration('retry-in-vain', function* (context): Steps<unknown> {
  const options = new RetryOptions(5, 2);
  const failures: string[] = [];
  for (const task of [
    unreliable().withRetry(options),
    alwaysThrows('input', `${context.df.instanceId}-child`).withRetry(options),
  ]) {
    try {
      yield task;
    } catch (error) {
      failures.push(error instanceof Error ? (error.message.split('\n')[0] ?? '').trim() : '');
    }
  }
  return failures;
});
