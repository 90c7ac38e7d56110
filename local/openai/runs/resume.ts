import { NO_FAULTS } from '../scenarios/plan.ts';
import type { Service } from '../service.ts';
import { itemsOf, turnsUpTo } from './context.ts';
import { Run } from './run.ts';
import { turnFor } from './turn.ts';

/**
 * Takes up the background runs that a stop or a crash interrupted, from their beginning.
 * One that was streamed fails instead: events that somebody has seen must not change.
 */
export function resumeRuns(service: Service): void {
  const { responses, runs, think, clock } = service;
  for (const record of responses.unfinished()) {
    const run = new Run({ record, watched: false, plan: NO_FAULTS, now: clock.now });
    record.response.output = [];
    if (record.request.stream === true) {
      run.fail(new Error('The service was restarted.'));
      responses.put(record);
      continue;
    }
    const { turns } = turnsUpTo(responses, record);
    const context = [...itemsOf(turns.slice(0, -1)), ...record.input];
    runs.start(run, async (signal) => {
      const rest = think(turnFor(service, record, context, signal));
      return { first: await rest.next(), rest };
    });
  }
}
