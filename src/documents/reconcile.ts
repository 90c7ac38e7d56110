import type { Orchestrations } from '../background/accept.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { DocumentEntries } from './entries.ts';
import { documentKey } from './entry.ts';
import type { TakeIn } from './intake.ts';
import type { SourceShelf } from './source.ts';

/** The trigger's own time: only what it has missed for this long is taken in here. */
const MISSED_AFTER_MS = 5 * 60_000;

/** No step of a healthy document takes longer: uploads end before, and polling writes nothing but is a live instance. */
const IDLE_AFTER_SECONDS = 10 * 60;

/** Documents that are looked up in one query. */
const BATCH = 100;

export interface ReconcileDocumentsDeps {
  entries: DocumentEntries;
  source: Pick<SourceShelf, 'list'>;
  takeIn: TakeIn;
  clock: Clock;
  log: Log;
  /** Entries of older files have expired: they were analysed once, and are not again. */
  retentionDays: number;
}

export interface Reconciled {
  /** Blobs whose event never arrived. */
  takenIn: number;
  /** Documents whose orchestration was started again, or found running. */
  restarted: number;
}

/** Finds what fell through: blobs without an entry, and entries without progress. Idempotent; for a timer. */
export type ReconcileDocuments = (orchestrations: Orchestrations) => Promise<Reconciled>;

export function createReconcileDocuments(deps: ReconcileDocumentsDeps): ReconcileDocuments {
  // Blobs up to here are known to be taken in: a full container is looked up once in the life of a process, not every minute.
  let settledUntil = 0;
  return async (orchestrations) => {
    const until = deps.clock.now() - MISSED_AFTER_MS;
    const retained = deps.clock.now() - deps.retentionDays * 24 * 3_600_000;
    const missed = await attemptEach(deps, missedBetween(deps, Math.max(settledUntil, retained), until), (name) =>
      deps.takeIn(name, orchestrations),
    );
    if (missed.failed === 0) settledUntil = until;
    const idle = await deps.entries.idleSince(Math.floor(deps.clock.now() / 1000) - IDLE_AFTER_SECONDS);
    const restarted = await attemptEach(deps, idle, async (key) => {
      await orchestrations.start(key);
      return key;
    });
    return { takenIn: missed.done, restarted: restarted.done };
  };
}

/** One that fails does not keep the others waiting: it is tried again with the next call. */
async function attemptEach(
  deps: ReconcileDocumentsDeps,
  all: Iterable<string> | AsyncIterable<string>,
  act: (one: string) => Promise<unknown>,
): Promise<{ done: number; failed: number }> {
  const totals = { done: 0, failed: 0 };
  for await (const one of all) {
    try {
      if ((await act(one)) !== undefined) totals.done += 1;
    } catch (error) {
      totals.failed += 1;
      deps.log.failed({ requestId: 'reconcile', operation: 'reconcileDocuments', error });
    }
  }
  return totals;
}

/** Names of blobs without an entry that were written between two times (milliseconds). */
async function* missedBetween(deps: ReconcileDocumentsDeps, from: number, until: number): AsyncGenerator<string> {
  let batch = new Map<string, string>();
  for await (const blob of deps.source.list()) {
    // Blob Storage tells whole seconds.
    if (blob.lastModified > until || blob.lastModified < from - 1_000) continue;
    batch.set(documentKey(blob), blob.name);
    if (batch.size < BATCH) continue;
    yield* await unknownOf(deps, batch);
    batch = new Map();
  }
  if (batch.size > 0) yield* await unknownOf(deps, batch);
}

async function unknownOf(deps: ReconcileDocumentsDeps, batch: Map<string, string>): Promise<string[]> {
  const known = await deps.entries.known([...batch.keys()]);
  return [...batch].filter(([key]) => !known.has(key)).map(([, name]) => name);
}
