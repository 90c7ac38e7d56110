import { randomBytes } from 'node:crypto';
import type OpenAI from 'openai';
import { toFile } from 'openai';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Directory } from '../../../src/chains/directory.ts';
import { Payloads } from '../../../src/chains/payloads.ts';
import { ChainStore } from '../../../src/chains/store.ts';
import { removeOrphans } from '../../../src/maintenance/orphans.ts';
import { Tally } from '../../../src/maintenance/tally.ts';
import { BlobShelf } from '../../../src/platform/blobs.ts';
import { systemClock, type Clock } from '../../../src/platform/clock.ts';
import { createLog } from '../../../src/platform/log.ts';
import { collect, openStream } from '../../support/event-stream.ts';
import { textPdf } from '../../support/pdfs.ts';
import { BLOB_CONTAINERS, contentsOf } from '../../support/stores.ts';
import { newCaller, openBlobs, openDatabase, startWorld, type World } from '../../support/world.ts';

const HOUR_MS = 3_600_000;
/** Runs that see every slice. */
const RUNS = 256;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const log = createLog(pino({ level: 'silent' }));

/** A clock that is so many hours ahead. Azurite cannot be told when a blob was written. */
const ahead = (hours: number): Clock => ({ ...systemClock, now: () => Date.now() + hours * HOUR_MS });

/** The sweeps of so many hours, the first of them in so many hours from now. */
async function sweep(fromHour: number, runs: number): Promise<void> {
  const [database, blobs] = [await openDatabase(world.endpoints), await openBlobs(world.endpoints)];
  const payloads = new Payloads(new BlobShelf(blobs, 'payloads'));
  for (let run = 0; run < runs; run += 1) {
    const clock = ahead(fromHour + run);
    const store = new ChainStore(database.container('chains'), payloads, clock);
    const directory = new Directory(database.container('directory'), clock);
    await removeOrphans({ store, directory, blobs, clock }, new Tally('orphans', log));
  }
}

const blobsOf = async (name: string): Promise<string[]> => {
  const found: string[] = [];
  const blobs = await openBlobs(world.endpoints);
  for await (const blob of blobs.getContainerClient(name).listBlobsFlat()) found.push(blob.name);
  return found;
};

async function allBlobs(): Promise<Record<string, string[]>> {
  const all = await Promise.all(BLOB_CONTAINERS.map(async (name) => [name, (await blobsOf(name)).toSorted()] as const));
  return Object.fromEntries(all);
}

async function put(container: string, blob: string): Promise<void> {
  const blobs = await openBlobs(world.endpoints);
  await blobs.getContainerClient(container).getBlockBlobClient(blob).upload('left behind', 11);
}

/** One blob of each kind that some document names. */
async function makeNamed(client: OpenAI, key: string): Promise<void> {
  const image = { tools: [{ type: 'image_generation' as const }] };
  const drawn = await client.responses.create({ model: 'gpt-4.1', input: 'Draw a circle', ...image });
  const large = `Say hello. ${'word '.repeat(30_000)}`;
  await client.responses.create({ model: 'gpt-4.1', input: large, previous_response_id: drawn.id });
  await collect(await openStream(world.endpoints, key, { input: 'Say hello' }));
  const file = await toFile(await textPdf(['Ferry']), 'ferry.pdf', { type: 'application/pdf' });
  await client.files.create({ file, purpose: 'assistants' });
}

/** What a killed process may leave: blobs of a response without a record, of a deleted one, copies without an entry. */
async function leaveBehind(client: OpenAI): Promise<void> {
  const chain = randomBytes(12).toString('hex');
  const gone = await client.responses.create({ model: 'gpt-4.1', input: 'gone' });
  await client.responses.delete(gone.id);
  for (const response of [`resp_${chain}${randomBytes(12).toString('hex')}`, gone.id]) {
    const folder = `${response.slice(5, 29)}/${response}`;
    await put('images', `${folder}/ig_1.png`);
    await put('payloads', `${folder}/output-0123456789abcdef.json`);
    await put('events', `${folder}.log`);
  }
  await put('files', randomBytes(32).toString('base64url'));
  await put('files', `documents/${randomBytes(32).toString('hex')}-1.pdf`);
}

describe('blobs that nothing names', () => {
  it('go when they are a day old, in whichever slice they lie; those that are named or younger stay', async () => {
    const { client, key } = newCaller(world.endpoints);
    await makeNamed(client, key);
    const named = await allBlobs();
    for (const name of BLOB_CONTAINERS) expect(named[name]).not.toEqual([]);
    const atService = (await contentsOf(world.endpoints)).service;
    await leaveBehind(client);
    await put('images', 'somebody/elses.png');
    const all = await allBlobs();

    await sweep(-RUNS, RUNS + 23);
    expect(await allBlobs()).toEqual(all);

    await sweep(24, RUNS);
    expect(await allBlobs()).toEqual({ ...named, images: [...(named.images ?? []), 'somebody/elses.png'].toSorted() });
    expect((await contentsOf(world.endpoints)).service).toEqual(atService);
  }, 60_000);
});
