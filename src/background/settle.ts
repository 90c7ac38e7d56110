import type { Directory } from '../chains/directory.ts';
import { logFinished } from '../chains/log-finished.ts';
import type { ChainRecord } from '../chains/record.ts';
import { isTerminal, mayMove } from '../chains/status.ts';
import { LostRace, type ChainStore } from '../chains/store.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { Abandon } from '../responses/abandon.ts';
import type { Finish } from '../responses/finish.ts';
import { noteContainers } from '../responses/note-containers.ts';
import type { ServiceAnswer } from '../upstream/client.ts';
import type { ServiceResponse } from '../upstream/wire.ts';
import { endOfRun, type EndDeps } from './end-of-run.ts';

export interface SettleDeps extends EndDeps {
  store: ChainStore;
  directory: Directory;
  finish: Finish;
  abandon: Abandon;
  log: Log;
}

/**
 * Writes how a run has ended at the service. The first end wins: when the run was ended here before, only its cost is noted.
 * Gives the record as it stands; undefined when there is none.
 */
export type Settle = (record: ChainRecord, answer: ServiceAnswer<ServiceResponse>) => Promise<ChainRecord | undefined>;

export function createSettle(deps: SettleDeps): Settle {
  return async (record, answer) => {
    const latest = await deps.store.read(record.id);
    if (latest === undefined || latest.status === 'deleted') return latest;
    if (!isOf(latest, answer)) return latest;
    if (isTerminal(latest.status)) return noteLate(deps, latest, answer);
    const { record: done } = await deps.finish(latest, answer);
    const { stored, moved } = await write(deps, latest, done, answer);
    if (stored === undefined || stored.status === 'deleted') {
      // Deleted while its answer was taken in: what was put aside for it goes, too.
      await deps.abandon(done);
      return stored;
    }
    if (!moved) return noteLate(deps, stored, answer);
    logFinished(deps, stored);
    await noteContainers(deps.directory, done).catch((error: unknown) => {
      deps.log.cleanUpFailed({ ...originOf(done), what: 'note-containers', error });
    });
    return stored;
  };
}

/** Whether it is the answer of the run that the record names: one that was taken for lost may still come to an end. */
const isOf = (record: ChainRecord, { body }: ServiceAnswer<ServiceResponse>): boolean => record.service?.id === body.id;

/** The record as it stands afterwards, and whether it ended with this write: another may have ended it in the same way. */
async function write(
  deps: SettleDeps,
  latest: ChainRecord,
  done: ChainRecord,
  answer: ServiceAnswer<ServiceResponse>,
): Promise<{ stored: ChainRecord | undefined; moved: boolean }> {
  try {
    return { stored: await deps.store.replace({ ...done, run: endOfRun(deps, latest) }), moved: true };
  } catch (error) {
    if (!(error instanceof LostRace)) throw error;
    const { record: stored, changed: moved } = await deps.store.tryUpdate(latest.id, (current) =>
      mayMove(current.status, done.status) && isOf(current, answer)
        ? // What others write into a live record meanwhile: its run, and further links to it.
          { ...done, job: current.job, run: endOfRun(deps, current), _etag: current._etag }
        : undefined,
    );
    return { stored, moved };
  }
}

/** Our own end stands; what the run still cost is written beside it. */
export async function noteLate(
  deps: { store: ChainStore },
  record: ChainRecord,
  answer: ServiceAnswer<ServiceResponse>,
): Promise<ChainRecord | undefined> {
  if (record.run?.endedHere !== true) return record;
  return deps.store.update(record.id, (current) =>
    current.run?.endedHere === true && isOf(current, answer)
      ? { ...current, run: { ...current.run, endedHere: undefined, lateUsage: answer.body.usage ?? null } }
      : undefined,
  );
}
