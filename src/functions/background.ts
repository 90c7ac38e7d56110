import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { ADVANCE_RESPONSE, RUN_RESPONSE, runResponse } from '../background/orchestrator.ts';
import { durableClient, orchestrationsOf, purgeEnded } from '../background/starter.ts';
import { ANALYSE_DOCUMENT } from '../documents/orchestrator.ts';
import type { Services } from '../services.ts';

const EVERY_MINUTE = '20 * * * * *';
const EVERY_NIGHT = '0 40 3 * * *';

/** Histories are for people who look for what went wrong; the records stay. */
const HISTORY_DAYS = 7;
const DAY_MS = 24 * 3_600_000;

export function register({ background, clock, log, reconcile }: Services): void {
  df.app.orchestration(RUN_RESPONSE, runResponse);
  df.app.activity(ADVANCE_RESPONSE, { handler: (id: string) => background.advance(id) });

  app.timer('reconcile', {
    schedule: EVERY_MINUTE,
    extraInputs: [durableClient],
    handler: (_timer, context) =>
      reconcile({
        responses: orchestrationsOf(context, RUN_RESPONSE),
        documents: orchestrationsOf(context, ANALYSE_DOCUMENT),
      }),
  });

  app.timer('purgeHistory', {
    schedule: EVERY_NIGHT,
    extraInputs: [durableClient],
    handler: async (_timer, context) => {
      const done = await purgeEnded(context, new Date(clock.now() - HISTORY_DAYS * DAY_MS));
      log.maintenance({ task: 'purge-history', done, failed: 0 });
    },
  });
}
