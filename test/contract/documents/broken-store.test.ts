import { randomUUID } from 'node:crypto';
import type { BlobServiceClient, ContainerClient } from '@azure/storage-blob';
import { beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { Directory } from '../../../src/chains/directory.ts';
import { Payloads } from '../../../src/chains/payloads.ts';
import { ChainStore } from '../../../src/chains/store.ts';
import { createAdvanceDocument, type AdvanceDocument } from '../../../src/documents/advance.ts';
import { DocumentEntries } from '../../../src/documents/entries.ts';
import type { DocumentEntry } from '../../../src/documents/entry.ts';
import { ResultShelf } from '../../../src/documents/results.ts';
import { SourceShelf, type SourceFacts } from '../../../src/documents/source.ts';
import { BlobShelf } from '../../../src/platform/blobs.ts';
import { systemClock, type Clock } from '../../../src/platform/clock.ts';
import { createLog } from '../../../src/platform/log.ts';
import { openBlobs, openDatabase } from '../../support/world.ts';

const MINUTE_MS = 60_000;

let blobs: BlobServiceClient;
let directory: Directory;
let store: ChainStore;
let ahead = 0;
const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead * MINUTE_MS };

/** A storage account that can be switched off. */
class FlakyShelf extends SourceShelf {
  broken = false;
  override facts(name: string): Promise<SourceFacts | undefined> {
    return this.broken ? Promise.reject(new Error('The store is down.')) : super.facts(name);
  }
}

let place: ContainerClient;
let source: FlakyShelf;
let entries: DocumentEntries;
let advance: AdvanceDocument;
let key: string;

const never = (): never => {
  throw new Error('A file that is no PDF does not come this far.');
};

beforeAll(async () => {
  const endpoints = inject('endpoints');
  blobs = await openBlobs(endpoints);
  const database = await openDatabase(endpoints);
  directory = new Directory(database.container('directory'), clock);
  store = new ChainStore(database.container('chains'), new Payloads(new BlobShelf(blobs, 'payloads')), clock);
});
beforeEach(async () => {
  ahead = 0;
  place = blobs.getContainerClient(`broken-${randomUUID().slice(0, 8)}`);
  await place.create();
  source = new FlakyShelf(place);
  entries = new DocumentEntries({ directory, clock, owner: `owner-${randomUUID()}`, ttlSeconds: 3_600 });
  advance = createAdvanceDocument({
    entries,
    source,
    results: new ResultShelf(new BlobShelf(blobs, 'analyses'), source),
    reader: { inspect: never },
    readWishes: never,
    upload: never,
    createAnalysis: never,
    store,
    advanceResponse: never,
    cancelRun: never,
    forgetFile: never,
    clock,
    limits: { owner: '', maxBytes: 1_000, maxPages: 1, maxTokens: 1 },
    polling: { firstMs: 10, maxMs: 100, queuedLimitMs: 60 * MINUTE_MS, runningLimitMs: 60 * MINUTE_MS },
    log: createLog(),
  });
  const { etag = '' } = (await place.uploadBlockBlob(`${place.containerName}.pdf`, 'no pdf', 6)).response;
  const reference = { container: place.containerName, name: `${place.containerName}.pdf`, etag };
  key = (await entries.take(reference, { bytes: 6 })).key;
});

const entryNow = async (): Promise<DocumentEntry | undefined> => entries.read(key);

describe('a store that fails', () => {
  it('is waited for, and the document then ends as if nothing had been', async () => {
    source.broken = true;
    expect(await advance(key)).toMatchObject({ done: false, delayMs: 100 });
    expect(await entryNow()).toMatchObject({ state: 'received', note: 'a store failed; trying again' });
    source.broken = false;
    ahead = 59;
    expect(await advance(key)).toMatchObject({ done: true });
    expect(await entryNow()).toMatchObject({ state: 'failed', failure: { reason: 'not_a_pdf' } });
  });

  it('for longer than patience lasts ends the document, although no result can be written', async () => {
    source.broken = true;
    await advance(key);
    ahead = 61;
    expect(await advance(key)).toMatchObject({ done: true });
    expect(await entryNow()).toMatchObject({ state: 'failed', failure: { reason: 'not_taken_in' } });
  });

  it('is not blamed for time in which it worked', async () => {
    ahead = 600;
    source.broken = true;
    expect(await advance(key)).toMatchObject({ done: false });
  });

  it('gives the loop something to wait for even when the entry cannot be read', async () => {
    await place.delete();
    expect(await advance('not a key / of ours')).toMatchObject({ done: false });
  });
});
