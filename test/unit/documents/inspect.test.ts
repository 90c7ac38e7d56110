import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectPdf, spread, UnreadablePdf } from '../../../src/documents/reading/inspect.ts';
import { encryptedPdf, longPdf, scanPdf, textPdf } from '../../support/pdfs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inspect-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function inspect(bytes: Uint8Array): ReturnType<typeof inspectPdf> {
  const path = join(folder, 'file.pdf');
  await writeFile(path, bytes);
  return inspectPdf(path);
}

const verdictOf = (bytes: Uint8Array): Promise<string> =>
  inspect(bytes).then(
    () => 'readable',
    (error: unknown) => (error instanceof UnreadablePdf ? error.verdict : 'other'),
  );

describe('looking into a PDF', () => {
  it('counts pages and measures text', async () => {
    const seen = await inspect(
      await textPdf(['The heron is grey and stands still.', 'The lighthouse is white and tall.']),
    );
    expect(seen.pages).toBe(2);
    expect(seen.kind).toBe('text');
    expect(seen.textBytes).toBeGreaterThan(60);
    expect(seen.textBytes).toBeLessThan(90);
  });

  it('extrapolates the text of a long document from some of its pages', async () => {
    const sentence = 'Forty characters of text on each page ...';
    const seen = await inspect(await longPdf(300, sentence));
    expect(seen.pages).toBe(300);
    expect(seen.textBytes).toBeGreaterThan(300 * sentence.length);
    expect(seen.textBytes).toBeLessThan(300 * (sentence.length + 30));
  });

  it('tells a scan from a text', async () => {
    expect(await inspect(await scanPdf(3))).toEqual({ pages: 3, kind: 'scan', textBytes: 0 });
  });

  it('calls a document of both kinds mixed', async () => {
    const seen = await inspect(
      await textPdf(['A page that has enough words on it.', '', 'And another one with words on it.', '']),
    );
    expect(seen.kind).toBe('mixed');
  });

  it('says that a password is needed', async () => {
    expect(await verdictOf(await encryptedPdf('hidden'))).toBe('encrypted');
  });

  it('calls a file that lost its end damaged, wherever it was cut', async () => {
    const whole = await longPdf(20, 'A sentence that is on every page of it.');
    for (let percent = 5; percent < 100; percent += 5) {
      const cut = whole.subarray(0, Math.floor((whole.length * percent) / 100));
      expect(await verdictOf(cut), `${percent} %`).toBe('damaged');
    }
  });

  it('calls a file that only begins and ends like a PDF damaged', async () => {
    expect(await verdictOf(Buffer.from('%PDF-1.7\nnothing of one\nstartxref\n9\n%%EOF'))).toBe('damaged');
  });

  it('reads a file with junk before its beginning and padding after its end', async () => {
    const whole = await textPdf(['The heron is grey and stands still.']);
    const padded = Buffer.concat([Buffer.from('junk\r\n'), whole, Buffer.alloc(5_000)]);
    expect((await inspect(padded)).pages).toBe(1);
  });
});

describe('the pages that are sampled', () => {
  it('are all pages of a short document', () => expect(spread(3, 24)).toEqual([1, 2, 3]));
  it('are spread from the first to the last of a long one', () => {
    const pages = spread(1_000, 24);
    expect(pages).toHaveLength(24);
    expect(pages[0]).toBe(1);
    expect(pages.at(-1)).toBe(1_000);
    expect(new Set(pages).size).toBe(24);
  });
});
