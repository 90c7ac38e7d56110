import { RetryOptions, type OrchestrationContext, type Task } from 'durable-functions';
import * as df from 'durable-functions';
import type { Outcome, Plan, Step } from '../../random-plan.ts';
import { inMs } from './orchestrators.ts';

interface Input extends Plan {
  /** Of executions before this one. */
  outcomes?: Outcome[];
  throws?: boolean;
}

const FAR_AWAY_MS = 10 * 60_000;

/** Does what a random plan says, and tells what each step gave. */
df.app.orchestration('random', function* (context): Generator<Task, unknown, unknown> {
  const { steps, outcomes = [], throws = false } = context.df.getInput<Input>();
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'again') {
      context.df.continueAsNew({ steps: steps.slice(index + 1), outcomes, throws });
      return undefined;
    }
    if (step.kind === 'deadline') {
      const timer = context.df.createTimer(inMs(context, FAR_AWAY_MS));
      const task = begin(context, step.step);
      yield context.df.Task.any([task, timer]);
      timer.cancel();
      outcomes.push(task.isFaulted ? 'failed' : outcomeOf(step.step, task.result));
      continue;
    }
    try {
      outcomes.push(outcomeOf(step, yield begin(context, step)));
    } catch {
      outcomes.push('failed');
    }
  }
  if (throws) throw new Error('as planned');
  return outcomes;
});

function begin(context: OrchestrationContext, step: Step): Task {
  const { df: durable } = context;
  switch (step.kind) {
    case 'activity':
      return durable.callActivity('echo', step.value);
    case 'timer':
      return durable.createTimer(inMs(context, step.ms));
    case 'retried':
      return durable.callActivityWithRetry('flaky', new RetryOptions(5, step.attempts), step);
    case 'child':
      return durable.callSubOrchestrator('random', { ...step.plan, throws: step.throws });
    case 'all':
      return durable.Task.all(step.steps.map((each) => begin(context, each)));
    case 'any':
      return durable.Task.any(step.steps.map((each) => begin(context, each)));
  }
}

/** Reduces a result to what does not depend on how often the host was killed. */
function outcomeOf(step: Step, result: unknown): Outcome {
  switch (step.kind) {
    case 'activity':
      return typeof result === 'number' ? result : 'failed';
    case 'timer':
      return null;
    case 'retried':
      return 'ok';
    case 'any':
      return 'any';
    case 'child':
      return Array.isArray(result) ? (result as Outcome[]) : 'failed';
    case 'all': {
      const results: unknown[] = Array.isArray(result) ? result : [];
      return step.steps.map((each, index) => outcomeOf(each, results[index]));
    }
  }
}
