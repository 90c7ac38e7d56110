import type { Orchestrations } from '../background/accept.ts';
import { GatewayError } from '../errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { JsonObject } from '../upstream/wire.ts';
import { changeable, presentDocument } from './browse.ts';
import { reserveResponse, type DocumentEntries } from './entries.ts';
import { hasEnded, type DocumentEntry } from './entry.ts';
import { Superseded } from './failures.ts';
import type { ResultShelf } from './results.ts';
import type { SourceShelf } from './source.ts';

export interface ReplayDeps {
  entries: DocumentEntries;
  source: Pick<SourceShelf, 'facts'>;
  results: Pick<ResultShelf, 'clear'>;
  clock: Clock;
}

/**
 * Analyses a document once more, as a new response in a new chain. One that is at work already is given back as it is.
 * @throws `conflict` when its file is gone or holds other content.
 */
export type ReplayDocument = (caller: string, key: string, orchestrations: Orchestrations) => Promise<JsonObject>;

export function createReplayDocument(deps: ReplayDeps): ReplayDocument {
  return async (caller, key, orchestrations) => {
    const entry = await changeable(deps.entries, caller, key);
    if (!hasEnded(entry)) {
      await orchestrations.start(key);
      return presentDocument(entry);
    }
    const facts = await deps.source.facts(entry.name);
    if (facts?.etag !== entry.etag) {
      throw new GatewayError(
        'conflict',
        facts === undefined
          ? 'The file of this document is not there any more. Drop it again.'
          : 'The file has other content now, which is a document of its own.',
      );
    }
    const replayed = await deps.entries.update(key, (now) =>
      hasEnded(now)
        ? {
            ...now,
            ...reserveResponse(),
            state: 'received',
            run: now.run + 1,
            runStartedAt: deps.clock.now(),
            note: undefined,
            troubledSince: undefined,
            plan: undefined,
            file: undefined,
            failure: undefined,
            version: undefined,
            finishedAt: undefined,
            cancelRequested: undefined,
          }
        : undefined,
    );
    if (replayed !== undefined) await clear(deps, replayed);
    await orchestrations.start(key);
    return presentDocument(replayed ?? entry);
  };
}

/** Whoever waits for the new result must not find the old one. */
async function clear(deps: ReplayDeps, entry: DocumentEntry): Promise<void> {
  try {
    await deps.results.clear(entry);
  } catch (error) {
    if (!(error instanceof Superseded)) throw error;
    // Dropped anew in this very moment: the loop will see it and say so.
  }
}
