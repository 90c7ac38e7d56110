import type { OrchestrationContext, Task } from 'durable-functions';
import type { Progress } from './advance.ts';
import { later, ROUNDS_PER_GENERATION } from './schedule.ts';

export const ADVANCE_RESPONSE = 'advanceResponse';
export const RUN_RESPONSE = 'runResponse';

/**
 * The polling loop of one background response: its instance id is the response id, and the id is all that history ever holds.
 * Everything that can go wrong or change lives in the activity, so this loop never needs to: runs in flight survive deploys.
 */
export function* runResponse(context: OrchestrationContext): Generator<Task, void, Progress> {
  const id: string = context.df.instanceId;
  for (let round = 0; round < ROUNDS_PER_GENERATION; round += 1) {
    const progress = yield context.df.callActivity(ADVANCE_RESPONSE, id);
    context.df.setCustomStatus(progress.note);
    if (progress.done) return;
    yield context.df.createTimer(later(context.df.currentUtcDateTime, progress.delayMs));
  }
  context.df.continueAsNew(id);
}
