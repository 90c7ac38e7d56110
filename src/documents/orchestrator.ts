import type { OrchestrationContext, Task } from 'durable-functions';
import type { Progress } from '../background/progress.ts';
import { later, ROUNDS_PER_GENERATION } from '../background/schedule.ts';

export const ADVANCE_DOCUMENT = 'advanceDocument';
export const ANALYSE_DOCUMENT = 'analyseDocument';

/**
 * The loop of one dropped document: its instance id is the document's key, and the key is all that history ever holds.
 * Everything that can go wrong or change lives in the activity, so this loop never needs to.
 */
export function* analyseDocument(context: OrchestrationContext): Generator<Task, void, Progress> {
  const key: string = context.df.instanceId;
  for (let round = 0; round < ROUNDS_PER_GENERATION; round += 1) {
    const progress = yield context.df.callActivity(ADVANCE_DOCUMENT, key);
    context.df.setCustomStatus(progress.note);
    if (progress.done) return;
    yield context.df.createTimer(later(context.df.currentUtcDateTime, progress.delayMs));
  }
  context.df.continueAsNew(key);
}
