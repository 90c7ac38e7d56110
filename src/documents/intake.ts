import type { Orchestrations } from '../background/accept.ts';
import type { DocumentEntries } from './entries.ts';
import { hasEnded, type DocumentEntry } from './entry.ts';
import type { SourceShelf } from './source.ts';
import { isSteeringFile } from './wishes.ts';

export interface IntakeDeps {
  entries: DocumentEntries;
  source: Pick<SourceShelf, 'facts' | 'container'>;
}

/** Takes a dropped blob in and starts its analysis. Any number of events for the same content make one document. */
export type TakeIn = (name: string, orchestrations: Orchestrations) => Promise<DocumentEntry | undefined>;

/** Accounts with folders tell of those, too. */
const FOLDER_MARK = 'hdi_isfolder';

export function createTakeIn(deps: IntakeDeps): TakeIn {
  return async (name, orchestrations) => {
    if (isSteeringFile(name)) return undefined;
    const facts = await deps.source.facts(name);
    if (facts === undefined || facts.metadata[FOLDER_MARK] === 'true') return undefined;
    const source = { container: deps.source.container, name, etag: facts.etag };
    const entry = await deps.entries.take(source, { bytes: facts.bytes });
    // A crash between the two steps loses nothing: the event comes again, and the entry is found.
    if (!hasEnded(entry)) await orchestrations.start(entry.key);
    return entry;
  };
}
