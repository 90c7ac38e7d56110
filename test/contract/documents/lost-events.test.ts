import { randomUUID } from 'node:crypto';
import type { BlobServiceClient, ContainerClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { Directory } from '../../../src/chains/directory.ts';
import { DocumentEntries } from '../../../src/documents/entries.ts';
import { createTakeIn, type TakeIn } from '../../../src/documents/intake.ts';
import { createReconcileDocuments, type ReconcileDocuments } from '../../../src/documents/reconcile.ts';
import { SourceShelf } from '../../../src/documents/source.ts';
import { systemClock, type Clock } from '../../../src/platform/clock.ts';
import { createLog } from '../../../src/platform/log.ts';
import { documentsApi, openDropBox } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { openBlobs, openDatabase } from '../../support/world.ts';

const endpoints = inject('endpoints');
let blobs: BlobServiceClient;
let directory: Directory;
/** Minutes that the clock of the room is ahead: blobs cannot be made older. */
let ahead = 0;
const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead * 60_000 };

let place: ContainerClient;
let entries: DocumentEntries;
let takeIn: TakeIn;
let reconcile: ReconcileDocuments;
let started: string[];
const orchestrations = {
  start: (id: string): Promise<void> => {
    started.push(id);
    return Promise.resolve();
  },
};

beforeAll(async () => {
  blobs = await openBlobs(endpoints);
  directory = new Directory((await openDatabase(endpoints)).container('directory'), clock);
});
beforeEach(async () => {
  ahead = 0;
  started = [];
  // A container and an owner of its own: nothing watches it.
  place = blobs.getContainerClient(`lost-${randomUUID().slice(0, 8)}`);
  await place.create();
  const source = new SourceShelf(place);
  entries = new DocumentEntries({ directory, clock, owner: `owner-${randomUUID()}`, ttlSeconds: 3_600 });
  takeIn = createTakeIn({ entries, source });
  reconcile = createReconcileDocuments({
    entries,
    source,
    takeIn,
    clock,
    log: createLog(),
    retentionDays: 30,
  });
  await place.uploadBlockBlob('a.pdf', 'x', 1);
});

describe('reconciling', () => {
  it('takes in a blob whose event never came, once', async () => {
    ahead = 6;
    expect(await reconcile(orchestrations)).toEqual({ takenIn: 1, restarted: 0 });
    expect(started).toHaveLength(1);
    expect(await reconcile(orchestrations)).toEqual({ takenIn: 0, restarted: 0 });
  });

  it('leaves to history what is older than the retention', async () => {
    ahead = 31 * 24 * 60;
    expect(await reconcile(orchestrations)).toEqual({ takenIn: 0, restarted: 0 });
  });

  it('leaves young blobs to the trigger, and steering files alone', async () => {
    await place.uploadBlockBlob('_prompt.md', 'x', 1);
    expect(await reconcile(orchestrations)).toEqual({ takenIn: 0, restarted: 0 });
    ahead = 6;
    expect(await reconcile(orchestrations)).toEqual({ takenIn: 1, restarted: 0 });
  });

  it('goes on behind a blob that cannot be taken in, and comes back to it', async () => {
    await place.uploadBlockBlob('b.pdf', 'x', 1);
    let broken = true;
    const start = (id: string): Promise<void> => {
      if (broken && started.length === 0) {
        broken = false;
        return Promise.reject(new Error('Not now.'));
      }
      return orchestrations.start(id);
    };
    ahead = 6;
    expect(await reconcile({ start })).toEqual({ takenIn: 1, restarted: 0 });
    ahead = 17;
    expect(await reconcile({ start })).toMatchObject({ restarted: 2 });
    expect(new Set(started).size).toBe(2);
  });

  it('starts a document again that has made no progress, and no other', async () => {
    const entry = await takeIn('a.pdf', orchestrations);
    await place.uploadBlockBlob('done.pdf', 'y', 1);
    const done = await takeIn('done.pdf', orchestrations);
    if (done === undefined || entry === undefined) throw new Error('Nothing was taken in.');
    await entries.move(done, { state: 'failed' });
    started = [];
    ahead = 11;
    expect(await reconcile(orchestrations)).toEqual({ takenIn: 0, restarted: 1 });
    expect(started).toEqual([entry.key]);
  });

  it('finds every one of more blobs than are looked up at once', async () => {
    await Promise.all(Array.from({ length: 130 }, (_, index) => place.uploadBlockBlob(`many/${index}.pdf`, 'x', 1)));
    ahead = 6;
    expect(await reconcile(orchestrations)).toEqual({ takenIn: 131, restarted: 0 });
    expect(new Set(started).size).toBe(131);
  });
});

describe('events', () => {
  it('of the same content make one document, and start it again until it has ended', async () => {
    const taken = await Promise.all(Array.from({ length: 5 }, () => takeIn('a.pdf', orchestrations)));
    const keys = new Set(taken.map((entry) => entry?.key));
    expect(keys.size).toBe(1);
    expect(new Set(taken.map((entry) => entry?.responseId)).size).toBe(1);
    expect(started).toHaveLength(5);
    if (taken[0] !== undefined) await entries.move(taken[0], { state: 'completed' });
    await takeIn('a.pdf', orchestrations);
    expect(started).toHaveLength(5);
  });

  it('of a blob that is gone make none', async () => {
    expect(await takeIn('none.pdf', orchestrations)).toBeUndefined();
  });
});

describe('a message in the poison queue', () => {
  it('ends as a failed document that people can see', async () => {
    const name = `poisoned-${randomUUID()}.pdf`;
    const message = { Type: 'BlobTrigger', ContainerName: 'pdfs', BlobName: name, ETag: '"0x1"' };
    const queues = QueueServiceClient.fromConnectionString(endpoints.dataStorage);
    const queue = queues.getQueueClient('webjobs-blobtrigger-poison');
    await queue.createIfNotExists();
    await queue.sendMessage(Buffer.from(JSON.stringify(message)).toString('base64'));
    const api = documentsApi(endpoints);
    const failed = await eventually(
      'a failed document',
      async () => (await api.list(`?path=${name}&state=failed`)).data[0],
    );
    expect(failed.error).toMatchObject({ code: 'not_taken_in' });
    const box = await openDropBox(endpoints);
    expect(await box.errorOf(name, '"0x1"')).toMatchObject({ reason: 'not_taken_in' });
  });
});
