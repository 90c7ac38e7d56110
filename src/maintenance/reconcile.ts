import type { ChainStore } from '../chains/store.ts';
import type { Loops, Orchestrations } from '../background/accept.ts';
import type { Advance } from '../background/advance.ts';
import type { ReconcileDocuments } from '../documents/reconcile.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';

/** A create has started its loop within this, or never will. */
const GRACE_SECONDS = 120;

/** The loop moves at least once a minute; a pumped slice takes one. What has stood still for so long is moved from here. */
const STALLED_MS = 10 * 60_000;

/** Finds accepted runs that nothing drives, and drives them. Idempotent; for a timer. */
export type Reconcile = (loops: { responses: Loops; documents: Orchestrations }) => Promise<void>;

export interface ReconcileDeps {
  store: ChainStore;
  advance: Advance;
  reconcileDocuments: ReconcileDocuments;
  clock: Clock;
  log: Log;
}

interface Row {
  id: string;
  createdAt: number;
}

/** Live runs, and ended ones that may go on at the service. Those of dropped documents have a loop of their own kind. */
const UNFINISHED =
  'SELECT c.id, c.createdAt FROM c WHERE c.kind = "response" AND c.background = true AND NOT IS_DEFINED(c.serviceFiles) ' +
  'AND (c.status IN ("queued", "in_progress") OR c.run.endedHere = true)';

export function createReconcile(deps: ReconcileDeps): Reconcile {
  return async (loops) => {
    const totals = { done: 0, failed: 0 };
    const attempt = async (work: () => Promise<number>): Promise<void> => {
      try {
        totals.done += await work();
      } catch (error) {
        totals.failed += 1;
        deps.log.failed({ requestId: 'reconcile', operation: 'reconcile', error });
      }
    };
    await attempt(() => reconcileResponses(deps, loops.responses, attempt));
    await attempt(async () => {
      const { takenIn, restarted } = await deps.reconcileDocuments(loops.documents);
      return takenIn + restarted;
    });
    deps.log.maintenance({ task: 'reconcile', ...totals });
  };
}

async function reconcileResponses(
  deps: ReconcileDeps,
  loops: Loops,
  attempt: (work: () => Promise<number>) => Promise<void>,
): Promise<number> {
  const now = unixSeconds(deps.clock);
  let count = 0;
  let oldest = now;
  let continuation: string | undefined;
  do {
    const page = await deps.store.query<Row>({ query: UNFINISHED }, { continuation });
    continuation = page.continuation;
    for (const { id, createdAt } of page.rows) {
      count += 1;
      oldest = Math.min(oldest, createdAt);
      if (now - createdAt > GRACE_SECONDS) await attempt(() => repair(deps, loops, id));
    }
  } while (continuation !== undefined);
  deps.log.running({ count, oldestSeconds: now - oldest });
  return 0;
}

/** Gives how many repairs were needed: none or one. */
async function repair(deps: ReconcileDeps, loops: Loops, id: string): Promise<number> {
  const movedAt = await loops.movedAt(id);
  if (movedAt === undefined) {
    await loops.start(id);
    deps.log.repaired({ responseId: id, what: 'loop-started' });
    return 1;
  }
  if (deps.clock.now() - movedAt < STALLED_MS) return 0;
  const { note } = await deps.advance(id);
  deps.log.repaired({ responseId: id, what: `stalled: ${note}` });
  return 1;
}
