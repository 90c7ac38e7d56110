import { randomUUID } from 'node:crypto';
import type { BlobServiceClient } from '@azure/storage-blob';
import { beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { documentKey, type DocumentEntry } from '../../../src/documents/entry.ts';
import { Superseded } from '../../../src/documents/failures.ts';
import { ResultShelf } from '../../../src/documents/results.ts';
import { SourceShelf } from '../../../src/documents/source.ts';
import { BlobShelf } from '../../../src/platform/blobs.ts';
import { openBlobs } from '../../support/world.ts';

let blobs: BlobServiceClient;
let source: SourceShelf;
let shelf: BlobShelf;
let name: string;
/** Not watched by any trigger. */
const PLACE = 'files';

beforeAll(async () => {
  blobs = await openBlobs(inject('endpoints'));
  source = new SourceShelf(blobs.getContainerClient(PLACE));
  shelf = new BlobShelf(blobs, 'analyses');
});
beforeEach(() => {
  name = `shelf-${randomUUID()}.pdf`;
});

async function drop(content: string): Promise<DocumentEntry> {
  const { etag = '' } = await blobs.getContainerClient(PLACE).getBlockBlobClient(name).upload(content, content.length);
  const reference = { container: PLACE, name, etag };
  const key = documentKey(reference);
  return {
    ...reference,
    key,
    id: `document:${key}`,
    kind: 'document',
    owner: 'x',
    ttl: 1,
    bytes: content.length,
    state: 'analysing',
    run: 1,
    createdAt: 0,
    updatedAt: 0,
    sort: '',
    runStartedAt: 0,
    responseId: `resp_${content}`,
    chainId: content,
  };
}

const json = ({ etag, run, responseId }: DocumentEntry): Record<string, unknown> => ({
  source: { container: PLACE, name, etag },
  run,
  response_id: responseId,
});
const atPath = async (file: string): Promise<unknown> => {
  const found = await shelf.get(`${name}/${file}`);
  return found === undefined ? undefined : JSON.parse(found.bytes.toString('utf8'));
};

describe('results at a path', () => {
  it('are not written by a run whose content has been replaced', async () => {
    const results = new ResultShelf(shelf, source);
    const old = await drop('old');
    await drop('new');
    await expect(results.putAnalysis(old, 'old', json(old))).rejects.toBeInstanceOf(Superseded);
    await expect(results.putError(old, json(old))).rejects.toBeInstanceOf(Superseded);
    expect(await atPath('analysis.json')).toBeUndefined();
    expect(await atPath('error.json')).toBeUndefined();
  });

  it('stay those of the newer run when an older one writes at the very same moment', async () => {
    const old = await drop('old');
    // The content is replaced, and the newer run writes, exactly between the older run's last look and its write.
    let newer: DocumentEntry | undefined;
    let looks = 0;
    const slow = new ResultShelf(shelf, {
      facts: async (file) => {
        const seen = await source.facts(file);
        looks += 1;
        if (looks === 2) {
          newer = await drop('new');
          await new ResultShelf(shelf, source).putAnalysis(newer, 'new', json(newer));
        }
        return seen;
      },
    });
    await expect(slow.putAnalysis(old, 'old', json(old))).rejects.toBeInstanceOf(Superseded);
    expect(await atPath('analysis.json')).toMatchObject({ response_id: 'resp_new', source: { etag: newer?.etag } });
  });

  it('can be written twice by the same run, as after a crash', async () => {
    const results = new ResultShelf(shelf, source);
    const entry = await drop('once');
    await results.putAnalysis(entry, 'text', json(entry));
    await results.putAnalysis(entry, 'text', json(entry));
    expect(await atPath('analysis.json')).toMatchObject({ response_id: 'resp_once' });
    const found: string[] = [];
    for await (const blob of shelf.client.listBlobsFlat({ prefix: `${name}/` })) found.push(blob.name);
    expect(found.toSorted()).toEqual([`${name}/analysis.json`, `${name}/analysis.md`]);
  });

  it('of a file that was removed may still be told', async () => {
    const results = new ResultShelf(shelf, source);
    const entry = await drop('gone');
    await blobs.getContainerClient(PLACE).deleteBlob(name);
    await results.putError(entry, { ...json(entry), reason: 'source_gone' });
    expect(await atPath('error.json')).toMatchObject({ reason: 'source_gone' });
  });
});
