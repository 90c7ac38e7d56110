import type { Config } from '../platform/config.ts';
import type { DocumentPlan } from './entry.ts';
import { DocumentFailure } from './failures.ts';
import { costOf } from './prices.ts';
import type { Inspection } from './reading/messages.ts';

/** A reader accepts the mark within the first kilobyte, after junk that mail programs add. */
export const MAGIC_BYTES = 1024;

/** The service reads every page as text and as an image (Azure OpenAI guide, "File input"): one page in high detail is four tiles. */
const PAGE_IMAGE_TOKENS = 765;

/** Bytes of UTF-8 text per token: four for English, and near enough for languages whose letters take more bytes. */
const TEXT_BYTES_PER_TOKEN = 4;

const MEGABYTE = 1024 * 1024;

type Limits = Config['documents'];

/** @throws {DocumentFailure} `too_large`, with both numbers in it. */
export function refuseSize(bytes: number, limits: Limits): void {
  if (bytes <= limits.maxBytes) return;
  throw new DocumentFailure(
    'too_large',
    `The file has ${megabytes(bytes)} MB; at most ${megabytes(limits.maxBytes)} MB are analysed.`,
  );
}

/** @throws {DocumentFailure} `not_a_pdf`, naming what the file seems to be. */
export function refuseOtherFiles(start: Buffer, name: string): void {
  if (start.includes('%PDF-')) return;
  const seems = kindOf(start);
  const what = seems === undefined ? 'is no PDF' : `is no PDF but ${seems}`;
  const called = /\.pdf$/i.test(name) ? ', although its name ends in .pdf' : '';
  throw new DocumentFailure('not_a_pdf', `The file ${what}${called}.`);
}

/** Beginnings of files that people drop by mistake. */
const OTHER_FILES: readonly [start: string, what: string][] = [
  ['504b0304', 'a zip archive (Word, Excel and PowerPoint files are such archives)'],
  ['504b0506', 'an empty zip archive'],
  ['d0cf11e0a1b11ae1', 'an old Office file (.doc, .xls, .ppt) or an e-mail'],
  ['89504e47', 'a PNG image'],
  ['ffd8ff', 'a JPEG image'],
  ['47494638', 'a GIF image'],
  ['49492a00', 'a TIFF image'],
  ['4d4d002a', 'a TIFF image'],
  ['52494646', 'a WebP image or a sound'],
  ['7b5c727466', 'a rich text file'],
  ['1f8b', 'a gzip archive'],
  ['3c21444f43545950', 'a web page'],
  ['3c68746d6c', 'a web page'],
];

function kindOf(start: Buffer): string | undefined {
  const hex = start.subarray(0, 8).toString('hex');
  const known = OTHER_FILES.find(([beginning]) => hex.startsWith(beginning))?.[1];
  if (known !== undefined) return known;
  return isText(start) ? 'a text file' : undefined;
}

/** Text has no control characters but tabs and line ends. */
const isText = (start: Buffer): boolean =>
  start.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);

/**
 * What the analysis will take, before anything is paid.
 * @throws {DocumentFailure} `too_many_pages` or `too_many_tokens`, with both numbers in it.
 */
export function planFor(inspection: Inspection, model: string, limits: Limits): DocumentPlan {
  const { pages, kind, textBytes } = inspection;
  if (pages > limits.maxPages) {
    throw new DocumentFailure(
      'too_many_pages',
      `The file has ${pages} pages; at most ${limits.maxPages} are analysed.`,
    );
  }
  const tokens = pages * PAGE_IMAGE_TOKENS + Math.ceil(textBytes / TEXT_BYTES_PER_TOKEN);
  if (tokens > limits.maxTokens) {
    throw new DocumentFailure(
      'too_many_tokens',
      `The file is about ${tokens} tokens long (${pages} pages); at most ${limits.maxTokens} are analysed.`,
    );
  }
  return {
    pages,
    kind,
    estimatedInputTokens: tokens,
    estimatedCostUsd: costOf(model, { input: tokens, cachedInput: 0, output: 0 }),
  };
}

const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1).replace(/\.0$/, '');
