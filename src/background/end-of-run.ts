import type { ChainRecord, WebhookState } from '../chains/record.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';

export interface EndDeps {
  clock: Clock;
  webhooks: Pick<Config['webhooks'], 'url'>;
}

/** An end that nobody has been told of yet. */
export const untold = (endedAt: number): WebhookState => ({ state: 'pending', endedAt, attempts: 0, nextAt: endedAt });

/**
 * What a record keeps of its run when it ends: nobody submits it any more, and its end is to be told. That is written with the
 * end itself, so that a process that dies in the next moment leaves a telling that can be found.
 */
export function endOfRun({ clock, webhooks }: EndDeps, { run }: ChainRecord): NonNullable<ChainRecord['run']> {
  const ended = { ...(run ?? { attempts: 0 }), lease: undefined };
  return webhooks.url === undefined ? ended : { ...ended, webhook: untold(clock.now()) };
}
