import type { OrchestrationContext, Task } from 'durable-functions';
import type { Progress } from './progress.ts';
import { later, ROUNDS_PER_GENERATION } from './schedule.ts';

export const ADVANCE_RESPONSE = 'advanceResponse';
export const RUN_RESPONSE = 'runResponse';

const CUT_OFF: Progress = { done: false, delayMs: 30_000, note: 'the last step was cut off; trying again' };

export type PollingLoop = (context: OrchestrationContext) => Generator<Task, void, Progress>;

/**
 * The loop that takes one step after the other until the activity says that it is done. Its instance id is the id of what it
 * works on, and the id is all that history ever holds.
 * Everything that can go wrong or change lives in the activity, so this loop never needs to: what is in flight survives deploys.
 */
export function pollingLoop(activity: string): PollingLoop {
  return function* (context) {
    const id: string = context.df.instanceId;
    for (let round = 0; round < ROUNDS_PER_GENERATION; round += 1) {
      let progress: Progress;
      try {
        progress = yield context.df.callActivity(activity, id);
      } catch {
        // The step was cut off (a time-out, a process out of memory): the next one reads the record and goes on.
        progress = CUT_OFF;
      }
      context.df.setCustomStatus(progress.note);
      if (progress.done) return;
      yield context.df.createTimer(later(context.df.currentUtcDateTime, progress.delayMs));
    }
    context.df.continueAsNew(id);
  };
}

/** The loop of one background response: its instance id is the response id. */
export const runResponse = pollingLoop(ADVANCE_RESPONSE);
