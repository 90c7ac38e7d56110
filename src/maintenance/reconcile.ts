import type { Loops, Orchestrations } from '../background/accept.ts';
import type { Advance } from '../background/advance.ts';
import type { ChainStore } from '../chains/store.ts';
import type { ReconcileDocuments } from '../documents/reconcile.ts';
import { CLOCK_SKEW_MS, unixSeconds, type Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { originOf, type Log } from '../platform/log.ts';

/** A create has started its loop within this, or never will. */
const GRACE_MS = 120_000;

/** The loop moves at least once a minute; a pumped slice takes one. What has stood still for so long is moved from here. */
const STALLED_MS = 10 * 60_000;

/** Finds accepted runs that nothing drives, and drives them. Idempotent; for a timer. */
export type Reconcile = (loops: { responses: Loops; documents: Orchestrations }) => Promise<void>;

export interface ReconcileDeps {
  store: ChainStore;
  advance: Advance;
  reconcileDocuments: ReconcileDocuments;
  webhooks: Pick<Config['webhooks'], 'url'>;
  clock: Clock;
  log: Log;
}

interface Row {
  id: string;
  requestId: string;
  traceparent?: string;
  createdAt: number;
  live: boolean;
  /** The analysis of a dropped document. */
  analysis: boolean;
}

const LIVE = 'c.status IN ("queued", "in_progress")';
/** Its loop tells within a moment when it is time to: what is overdue has lost its loop. */
const UNTOLD = '(c.run.webhook.state = "pending" AND c.run.webhook.nextAt < @overdue AND c.status != "deleted")';

/** Live runs, and ended ones that may go on at the service, or of which nobody has been told who should be. */
const unfinished = (webhooks: ReconcileDeps['webhooks']): string =>
  `SELECT c.id, c.requestId, c.traceparent, c.createdAt, ${LIVE} AS live, IS_DEFINED(c.serviceFiles) AS analysis FROM c ` +
  `WHERE c.kind = "response" AND c.background = true AND (${LIVE} OR c.run.endedHere = true` +
  `${webhooks.url === undefined ? '' : ` OR ${UNTOLD}`})`;

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
  const spec = {
    query: unfinished(deps.webhooks),
    parameters: [{ name: '@overdue', value: deps.clock.now() - GRACE_MS }],
  };
  let count = 0;
  let oldest = now;
  let continuation: string | undefined;
  do {
    const page = await deps.store.query<Row>(spec, { continuation });
    continuation = page.continuation;
    for (const row of page.rows) {
      const { createdAt, live, analysis } = row;
      if (live) {
        count += 1;
        oldest = Math.min(oldest, createdAt);
      }
      // While it lives, an analysis is driven by the loop of its document.
      const old = isPast(createdAt * 1000, deps.clock.now(), GRACE_MS);
      if (!(live && analysis) && old) await attempt(() => repair(deps, loops, row));
    }
  } while (continuation !== undefined);
  deps.log.running({ count, oldestSeconds: now - oldest });
  return 0;
}

/** Longer ago than that; or in the future, as a clock that was set back since has written it: then nobody knows how long ago. */
const isPast = (moment: number, now: number, longestMs: number): boolean =>
  now - moment > longestMs || moment - now > CLOCK_SKEW_MS;

/** Gives how many repairs were needed: none or one. */
async function repair(deps: ReconcileDeps, loops: Loops, row: Row): Promise<number> {
  const { id } = row;
  const movedAt = await loops.movedAt(id);
  if (movedAt === undefined) {
    await loops.start(id);
    deps.log.repaired({ ...originOf(row), what: 'loop-started' });
    return 1;
  }
  if (!isPast(movedAt, deps.clock.now(), STALLED_MS)) return 0;
  const { note } = await deps.advance(id);
  deps.log.repaired({ ...originOf(row), what: `stalled: ${note}` });
  return 1;
}
