import * as z from 'zod';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { DocumentEntries } from './entries.ts';
import type { DocumentEntry } from './entry.ts';
import { Superseded, type Failure } from './failures.ts';
import { errorJson } from './report.ts';
import type { ResultShelf } from './results.ts';
import { quoted, type SourceShelf } from './source.ts';
import { isSteeringFile } from './wishes.ts';

/** Where the host puts the messages of blobs that it has given up on. */
export const POISON_QUEUE = 'webjobs-blobtrigger-poison';

export interface PoisonDeps {
  entries: DocumentEntries;
  source: Pick<SourceShelf, 'facts' | 'container'>;
  results: Pick<ResultShelf, 'putError'>;
  clock: Clock;
  log: Log;
}

/** Turns a blob that the host has given up on into a failed document that people can see and replay. */
export type TakePoisoned = (message: unknown) => Promise<void>;

const NOT_TAKEN_IN: Failure = {
  reason: 'not_taken_in',
  message: 'The file was dropped, but the gateway could not take it in after several tries.',
};

export function createTakePoisoned(deps: PoisonDeps): TakePoisoned {
  return async (message) => {
    const blob = readPoisonMessage(message);
    if (blob?.container !== deps.source.container || isSteeringFile(blob.name)) return;
    const facts = await deps.source.facts(blob.name);
    const etag = blob.etag === undefined ? facts?.etag : quoted(blob.etag);
    if (etag === undefined) return;
    const source = { container: deps.source.container, name: blob.name, etag };
    const entry = await deps.entries.take(source, { bytes: facts?.bytes ?? 0 });
    // One that was taken in after all has its own loop, or had its end.
    if (entry.state === 'received' && entry.note === undefined) await giveUp(deps, entry);
  };
}

async function giveUp(deps: PoisonDeps, entry: DocumentEntry): Promise<void> {
  const finishedAt = unixSeconds(deps.clock);
  try {
    await deps.results.putError(entry, errorJson(entry, NOT_TAKEN_IN, finishedAt));
    await deps.entries.move(entry, { state: 'failed', failure: NOT_TAKEN_IN, finishedAt });
    deps.log.documentFinished({ documentId: entry.key, status: 'failed', reason: NOT_TAKEN_IN.reason });
  } catch (error) {
    if (!(error instanceof Superseded)) throw error;
    await deps.entries.move(entry, { state: 'superseded', finishedAt });
  }
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
