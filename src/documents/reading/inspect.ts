import { open, type FileHandle } from 'node:fs/promises';
import { getDocument, PasswordException, PDFDataRangeTransport, type PDFDocumentProxy } from 'unpdf/pdfjs';
import type { Inspection } from './messages.ts';

/** A file that no reader can make sense of. */
export class UnreadablePdf extends Error {
  override readonly name = 'UnreadablePdf';
  readonly verdict: 'encrypted' | 'damaged';

  constructor(verdict: 'encrypted' | 'damaged', message: string) {
    super(message);
    this.verdict = verdict;
  }
}

/** Readers look for the end mark in the last kilobyte; some writers append padding. */
const TAIL_BYTES = 64 * 1024;

const RANGE_BYTES = 64 * 1024;

/**
 * The largest piece pdf.js may ask for at once. It asks for a whole file only to rebuild a destroyed table of objects,
 * which costs twice that in memory: worth it for small files.
 */
const RANGE_LIMIT_BYTES = 32 * 1024 * 1024;

/** Pages whose text is read; the rest is extrapolated. Text of 1,000 pages takes seconds and megabytes. */
const SAMPLED_PAGES = 24;

/** No further page is read after this: a page can be made to take for ever. */
const SAMPLING_LIMIT_MS = 8_000;

/** A page with less text than this is a picture of a page. */
const TEXT_PAGE_CHARS = 20;

/**
 * Counts pages and tells text from scans. Reads only the parts of the file that this needs: the tables at its end,
 * the page tree and the text of some pages; images and attachments stay on disk.
 * @throws {UnreadablePdf} for a file that needs a password or is damaged.
 */
export async function inspectPdf(path: string): Promise<Inspection> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    await refuseCutOff(file, size);
    const task = getDocument({
      range: new FileRanges(file, size),
      rangeChunkSize: RANGE_BYTES,
      disableAutoFetch: true,
      disableStream: true,
      useSystemFonts: false,
      stopAtErrors: false,
      verbosity: 0,
    });
    try {
      return await survey(await task.promise);
    } finally {
      await task.destroy();
    }
  } catch (error) {
    throw toUnreadable(error);
  } finally {
    await file.close();
  }
}

/** Feeds pdf.js from a file, piece by piece. */
class FileRanges extends PDFDataRangeTransport {
  readonly #file: FileHandle;

  constructor(file: FileHandle, size: number) {
    super(size, null);
    this.#file = file;
  }

  override requestDataRange(begin: number, end: number): void {
    void this.#read(begin, end).then((piece) => this.onDataRange(begin, piece));
  }

  /** An empty piece where none can be had: pdf.js then reports what is missing instead of waiting for it. */
  async #read(begin: number, end: number): Promise<Uint8Array> {
    if (end - begin > RANGE_LIMIT_BYTES) return new Uint8Array(end - begin);
    const piece = new Uint8Array(end - begin);
    await this.#file.read(piece, 0, piece.length, begin);
    return piece;
  }
}

/** A file that lost its end would be analysed in part, as if it were whole. */
async function refuseCutOff(file: FileHandle, size: number): Promise<void> {
  const tail = Buffer.alloc(Math.min(TAIL_BYTES, size));
  await file.read(tail, 0, tail.length, size - tail.length);
  if (!tail.includes('%%EOF') && !tail.includes('startxref')) {
    throw new UnreadablePdf(
      'damaged',
      'The file ends early: the end mark of a PDF is missing. Was it copied completely?',
    );
  }
}

async function survey(pdf: PDFDocumentProxy): Promise<Inspection> {
  const pages = pdf.numPages;
  if (pages < 1) throw new UnreadablePdf('damaged', 'The file has no pages.');
  const numbers = spread(pages, SAMPLED_PAGES);
  const deadline = performance.now() + SAMPLING_LIMIT_MS;
  const texts: number[] = [];
  let broken = 0;
  for (const number of numbers) {
    if (performance.now() > deadline) break;
    try {
      texts.push(await textBytesOf(pdf, number));
    } catch {
      // One broken page of many is the model's to cope with; none that can be read is no document.
      broken += 1;
    }
  }
  if (broken === numbers.length) throw new UnreadablePdf('damaged', 'None of its pages can be read.');
  const read = Math.max(texts.length, 1);
  const withText = texts.filter((bytes) => bytes >= TEXT_PAGE_CHARS).length;
  const share = withText / read;
  return {
    pages,
    kind: share > 0.8 ? 'text' : share < 0.2 ? 'scan' : 'mixed',
    textBytes: Math.round((texts.reduce((sum, bytes) => sum + bytes, 0) / read) * pages),
  };
}

async function textBytesOf(pdf: PDFDocumentProxy, number: number): Promise<number> {
  const page = await pdf.getPage(number);
  const { items } = await page.getTextContent();
  page.cleanup();
  return items.reduce((sum, item) => sum + ('str' in item ? Buffer.byteLength(item.str) : 0), 0);
}

/** Up to `count` page numbers, evenly spread, the first and the last among them. */
export function spread(pages: number, count: number): number[] {
  if (pages <= count) return Array.from({ length: pages }, (_, index) => index + 1);
  return Array.from({ length: count }, (_, index) => 1 + Math.round((index * (pages - 1)) / (count - 1)));
}

function toUnreadable(error: unknown): UnreadablePdf {
  if (error instanceof UnreadablePdf) return error;
  if (error instanceof PasswordException) {
    return new UnreadablePdf('encrypted', 'The file is protected by a password.');
  }
  // The library's message can quote the file.
  return new UnreadablePdf('damaged', 'The file is damaged: it begins like a PDF but cannot be read as one.');
}
