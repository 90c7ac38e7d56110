import * as z from 'zod';
import type { Orchestrations } from '../background/accept.ts';
import type { DocumentEntries } from './entries.ts';
import { hasEnded, type DocumentEntry } from './entry.ts';
import type { SourceShelf } from './source.ts';
import { isSteeringFile } from './wishes.ts';

export interface IntakeDeps {
  entries: DocumentEntries;
  source: Pick<SourceShelf, 'facts'>;
  container: string;
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
    const source = { container: deps.container, name, etag: facts.etag };
    const entry = await deps.entries.take(source, { bytes: facts.bytes });
    // A crash between the two steps loses nothing: the event comes again, and the entry is found.
    if (!hasEnded(entry)) await orchestrations.start(entry.key);
    return entry;
  };
}

/** What the host writes when a blob could not be handed over (`SharedBlobQueueListenerFactory` of the storage extension). */
const poisonMessage = z.looseObject({ ContainerName: z.string(), BlobName: z.string(), ETag: z.string().nullish() });

/** The blob that a message of the poison queue is about; undefined for a message that is none. */
export function readPoisonMessage(message: unknown): { container: string; name: string; etag?: string } | undefined {
  const parsed = poisonMessage.safeParse(typeof message === 'string' ? parseJson(message) : message);
  if (!parsed.success) return undefined;
  const { ContainerName: container, BlobName: name, ETag: etag } = parsed.data;
  return { container, name, etag: etag ?? undefined };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not a message of the host: the schema above says so.
    return undefined;
  }
}
