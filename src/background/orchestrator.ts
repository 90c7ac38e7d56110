import type { OrchestrationContext, Task } from 'durable-functions';
import type { Progress } from './progress.ts';
import { later, ROUNDS_PER_GENERATION } from './schedule.ts';

export const ADVANCE_RESPONSE = 'advanceResponse';
export const RUN_RESPONSE = 'runResponse';

const CUT_OFF: Progress = { done: false, delayMs: 30_000, note: 'the last step was cut off; trying again' };

/**
 * The polling loop of one background response: its instance id is the response id, and the id is all that history ever holds.
 * Everything that can go wrong or change lives in the activity, so this loop never needs to: runs in flight survive deploys.
 */
export function* runResponse(context: OrchestrationContext): Generator<Task, void, Progress> {
  const id: string = context.df.instanceId;
  for (let round = 0; round < ROUNDS_PER_GENERATION; round += 1) {
    let progress: Progress;
    try {
      progress = yield context.df.callActivity(ADVANCE_RESPONSE, id);
    } catch {
      // The step was cut off (a time-out, a process out of memory): the next one reads the record and goes on.
      progress = CUT_OFF;
    }
    context.df.setCustomStatus(progress.note);
    if (progress.done) return;
    yield context.df.createTimer(later(context.df.currentUtcDateTime, progress.delayMs));
  }
  context.df.continueAsNew(id);
}
