import type { Deletion, Histories } from '../chains/deletion.ts';
import type { Log } from '../platform/log.ts';
import { removeOrphans, type OrphanDeps } from './orphans.ts';
import { removeExpiredChains, removeExpiredFiles, renewLivingChains, type RetentionDeps } from './retention.ts';
import { Tally } from './tally.ts';
import { finishDeletions } from './unfinished.ts';

export type MaintenanceDeps = RetentionDeps & OrphanDeps & { deletion: Pick<Deletion, 'clear'>; log: Log };

/** What timers do so that nothing is left behind, and nothing goes too early. */
export interface Maintenance {
  /** Every few minutes: deletions that could not be finished. */
  sweep(histories: Histories): Promise<void>;
  /** Every hour: what is past its time, what must be kept alive, what nobody names. */
  retire(histories: Histories): Promise<void>;
}

export function createMaintenance(deps: MaintenanceDeps): Maintenance {
  const task = async (name: string, work: (tally: Tally) => Promise<void>): Promise<void> => {
    const tally = new Tally(name, deps.log);
    // A task that cannot even look does not keep the others from their work.
    await work(tally).catch((error: unknown) => {
      deps.log.failed({ requestId: 'maintenance', operation: name, error });
    });
    tally.report();
  };
  return {
    sweep: (histories) => task('finish-deletions', (tally) => finishDeletions(deps, histories, tally)),
    async retire(histories) {
      await task('expired-chains', (tally) => removeExpiredChains(deps, histories, tally));
      await task('renewed-chains', (tally) => renewLivingChains(deps, histories, tally));
      await task('expired-files', (tally) => removeExpiredFiles(deps, tally));
      await task('orphans', (tally) => removeOrphans(deps, tally));
    },
  };
}
