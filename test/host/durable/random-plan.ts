import { Random } from './random.ts';

/** What a random orchestrator does; the example app's `random` carries it out. */
export type Step =
  | { kind: 'activity'; value: number }
  | { kind: 'timer'; ms: number }
  | { kind: 'retried'; key: string; failures: number; attempts: number }
  | { kind: 'child'; plan: Plan; throws: boolean }
  | { kind: 'all'; steps: Step[] }
  | { kind: 'any'; steps: Step[] };

export type TopStep =
  | Step
  /** The step against a timer that is far away, and is cancelled then. */
  | { kind: 'deadline'; step: Step }
  /** Goes on with what is left in a new execution. */
  | { kind: 'again' };

export interface Plan {
  steps: TopStep[];
}

/** What a step gives: who wins a Task.any is left to chance. */
export type Outcome = number | null | 'ok' | 'any' | 'failed' | Outcome[];

const STEPS = 6;
const DEPTH = 2;

/** A plan that the seed decides. `name` keeps the counters of its flaky activities apart. */
export function randomPlan(seed: number, name: string): Plan {
  const random = new Random(seed);
  let count = 0;

  function step(depth: number): Step {
    const number = (count += 1);
    const draw = random.next();
    if (draw < 0.3 || depth > DEPTH) return { kind: 'activity', value: number };
    if (draw < 0.42) return { kind: 'timer', ms: random.between(1, 40) };
    if (draw < 0.62) return retried(number);
    if (draw < 0.72) {
      const steps = Array.from({ length: random.between(1, 3) }, () => step(depth + 1));
      return { kind: 'child', plan: { steps }, throws: random.next() < 0.3 };
    }
    const steps = Array.from({ length: random.between(1, 4) }, () => step(depth + 1));
    return { kind: draw < 0.88 ? 'all' : 'any', steps };
  }

  function retried(number: number): Step {
    const attempts = random.between(1, 4);
    const succeeds = random.next() < 0.7;
    const failures = succeeds ? random.between(0, attempts - 1) : Number.MAX_SAFE_INTEGER;
    return { kind: 'retried', key: `${name}-${number}`, failures, attempts };
  }

  function topStep(): TopStep {
    const draw = random.next();
    if (draw < 0.1) return { kind: 'again' };
    return draw < 0.35 ? { kind: 'deadline', step: step(1) } : step(0);
  }

  return { steps: Array.from({ length: STEPS }, topStep) };
}

/** What the plan has to give, worked out without any orchestration. */
export function expectedOutcomes(plan: Plan): Outcome[] {
  return plan.steps
    .filter((step) => step.kind !== 'again')
    .map((step) => expected(step.kind === 'deadline' ? step.step : step));
}

function expected(step: Step): Outcome {
  switch (step.kind) {
    case 'activity':
      return step.value;
    case 'timer':
      return null;
    case 'retried':
      return step.failures < step.attempts ? 'ok' : 'failed';
    case 'child':
      return step.throws ? 'failed' : expectedOutcomes(step.plan);
    case 'any':
      return 'any';
    case 'all': {
      const outcomes = step.steps.map(expected);
      return outcomes.includes('failed') ? 'failed' : outcomes;
    }
  }
}
