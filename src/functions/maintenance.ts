import { app } from '@azure/functions';
import { historiesOf } from '../background/histories.ts';
import { durableClient } from '../background/starter.ts';
import type { Services } from '../services.ts';

const EVERY_FIVE_MINUTES = '0 */5 * * * *';
const EVERY_HOUR = '0 17 * * * *';

export function register({ maintenance }: Services): void {
  app.timer('finishDeletions', {
    schedule: EVERY_FIVE_MINUTES,
    extraInputs: [durableClient],
    handler: (_timer, context) => maintenance.sweep(historiesOf(context)),
  });
  app.timer('retention', {
    schedule: EVERY_HOUR,
    extraInputs: [durableClient],
    handler: (_timer, context) => maintenance.retire(historiesOf(context)),
  });
}
