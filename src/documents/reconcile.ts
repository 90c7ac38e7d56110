import type { Orchestrations } from '../background/accept.ts';
import type { Clock } from '../platform/clock.ts';
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
  container: string;
  clock: Clock;
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
  return async (orchestrations) => {
    let takenIn = 0;
    for await (const names of missed(deps)) {
      for (const name of names) {
        if ((await deps.takeIn(name, orchestrations)) !== undefined) takenIn += 1;
      }
    }
    const idle = await deps.entries.idleSince(Math.floor(deps.clock.now() / 1000) - IDLE_AFTER_SECONDS);
    for (const key of idle) await orchestrations.start(key);
    return { takenIn, restarted: idle.length };
  };
}

/** Names of blobs without an entry, batch by batch. */
async function* missed(deps: ReconcileDocumentsDeps): AsyncGenerator<string[]> {
  const newest = deps.clock.now() - MISSED_AFTER_MS;
  const oldest = deps.clock.now() - deps.retentionDays * 24 * 3_600_000;
  let batch = new Map<string, string>();
  for await (const blob of deps.source.list()) {
    if (blob.lastModified > newest || blob.lastModified < oldest) continue;
    batch.set(documentKey({ container: deps.container, name: blob.name, etag: blob.etag }), blob.name);
    if (batch.size < BATCH) continue;
    yield await unknownOf(deps, batch);
    batch = new Map();
  }
  if (batch.size > 0) yield await unknownOf(deps, batch);
}

async function unknownOf(deps: ReconcileDocumentsDeps, batch: Map<string, string>): Promise<string[]> {
  const known = await deps.entries.known([...batch.keys()]);
  return [...batch].filter(([key]) => !known.has(key)).map(([, name]) => name);
}
