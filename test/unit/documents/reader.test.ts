import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Reader } from '../../../src/documents/reading/reader.ts';
import { bulkyPdf, textPdf } from '../../support/pdfs.ts';

const MEGABYTE = 1024 * 1024;

let folder: string;
let reader: Reader;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reader-'));
  reader = new Reader();
});
afterEach(async () => {
  await reader.close();
  await rm(folder, { recursive: true, force: true });
});

async function onDisk(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

describe('the reading thread', () => {
  it('answers many questions, each with its own answer', async () => {
    const files = await Promise.all(
      [1, 2, 3, 4].map(async (pages) =>
        onDisk(`${pages}.pdf`, await textPdf(Array.from({ length: pages }, () => 'Words on a page of this file.'))),
      ),
    );
    const seen = await Promise.all(files.map((file) => reader.inspect(file)));
    expect(seen.map(({ pages }) => pages)).toEqual([1, 2, 3, 4]);
  });

  it('goes on after a file that it could not read', async () => {
    const bad = await onDisk('bad.pdf', Buffer.from('%PDF-1.4 and nothing more'));
    const good = await onDisk('good.pdf', await textPdf(['Words on a page of this file.']));
    const [first, second] = await Promise.allSettled([reader.inspect(bad), reader.inspect(good)]);
    expect(first).toMatchObject({ status: 'rejected', reason: { reason: 'damaged' } });
    expect(second).toMatchObject({ status: 'fulfilled', value: { pages: 1 } });
  });

  it('says what is wrong with a schema', async () => {
    await expect(
      reader.checkSchema({ type: 'object', properties: { a: { type: 'number' } } }),
    ).resolves.toBeUndefined();
    await expect(reader.checkSchema({ type: 'string' })).rejects.toMatchObject({ reason: 'invalid_schema' });
  });

  it('does not take a missing thread for a damaged file', async () => {
    const broken = new Reader(join(folder, 'no-such-file.cjs'));
    const file = await onDisk('good.pdf', await textPdf(['Words on a page of this file.']));
    await expect(broken.inspect(file)).rejects.toMatchObject({ code: 'MODULE_NOT_FOUND' });
  });

  it('reads a 100 MB file without taking it into memory', async () => {
    const path = await onDisk('bulky.pdf', bulkyPdf(99 * MEGABYTE, 'The needle lies in the hay.'));
    await reader.checkSchema({ type: 'object' });
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
    const seen = await reader.inspect(path);
    clearInterval(watch);
    expect(seen.pages).toBe(1);
    expect((most - before) / MEGABYTE).toBeLessThan(150);
  });
});
