import { createHash } from 'node:crypto';
import { TurnError, type StoredFile, type Turn } from '../../turn.ts';
import { stringOf, type Fields } from '../values.ts';
import { sentencesOf, shorten } from '../words.ts';
import { readBase64, readDataUri } from './data-uri.ts';
import { download } from './download.ts';

/** A PDF that was really read. */
export interface Document {
  name: string;
  title: string;
  /** Text of each page; empty for a page without text. */
  pages: readonly string[];
  /** The file itself, absent for what only a compacted window remembers. */
  bytes?: Uint8Array;
}

/** Texts of read PDFs kept, so that a chain does not parse its document again in every turn. */
const MAX_REMEMBERED = 32;
const remembered = new Map<string, Promise<Omit<Document, 'name' | 'bytes'>>>();

/**
 * Reads an `input_file` part: data, file id or URL.
 * @throws TurnError 400 when it cannot be had, is no PDF, or cannot be read.
 */
export async function readDocument(part: Fields, turn: Pick<Turn, 'readFile' | 'signal'>): Promise<Document> {
  const file = await fetchFile(part, turn);
  if (file.bytes.byteLength === 0) throw new TurnError(400, 'Empty file.', { param: 'input' });
  if (!looksLikePdf(file)) throw notPdf(file.name);
  const hash = createHash('sha256').update(file.bytes).digest('hex');
  const found = remembered.get(hash) ?? parse(file.name, file.bytes);
  remember(hash, found);
  try {
    const { title, pages } = await found;
    return { name: file.name, title: title || titleFromName(file.name), pages, bytes: file.bytes };
  } catch (error) {
    remembered.delete(hash);
    throw error;
  }
}

interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

async function fetchFile(part: Fields, turn: Pick<Turn, 'readFile' | 'signal'>): Promise<NamedBytes> {
  const id = stringOf(part['file_id']);
  if (id !== undefined) {
    const file: StoredFile = await turn.readFile(id);
    return { name: file.filename, bytes: file.bytes };
  }
  const url = stringOf(part['file_url']);
  if (url !== undefined) {
    return {
      name: new URL(url, 'http://unknown').pathname.split('/').at(-1) ?? 'file',
      bytes: await download(url, 'file', turn.signal),
    };
  }
  const data = stringOf(part['file_data']);
  const name = stringOf(part['filename']);
  if (data === undefined || name === undefined) {
    throw new TurnError(400, "Missing required parameter: 'filename' and 'file_data', 'file_id' or 'file_url'.", {
      code: 'missing_required_parameter',
      param: 'input',
    });
  }
  const bytes = readDataUri(data)?.bytes ?? readBase64(data);
  if (!bytes) {
    throw new TurnError(
      400,
      "Invalid 'file_data': expected a base64-encoded data URI such as 'data:application/pdf;base64,...'.",
      {
        code: 'invalid_value',
        param: 'input',
      },
    );
  }
  return { name, bytes };
}

/** Some PDFs begin with a few bytes of junk; readers accept the mark within the first kilobyte. */
function looksLikePdf({ bytes }: NamedBytes): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 1_024)).includes('%PDF-');
}

function notPdf(name: string): TurnError {
  const extension = /\.[^.]+$/.exec(name)?.[0] ?? 'an unknown format';
  return new TurnError(400, `Invalid input: Expected file type to be a supported format: .pdf but got ${extension}.`, {
    param: 'input',
  });
}

async function parse(name: string, bytes: Uint8Array): Promise<Omit<Document, 'name' | 'bytes'>> {
  const { extractText, getDocumentProxy, getMeta } = await import('unpdf');
  try {
    // pdf.js takes the buffer over: it gets a copy.
    const pdf = await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0 });
    const { text } = await extractText(pdf, { mergePages: false });
    const { info } = await getMeta(pdf);
    await pdf.loadingTask.destroy();
    const pages = text.map((page) => page.replace(/[^\S\n]+/g, ' ').trim());
    return { title: stringOf(info['Title'])?.trim() || firstLine(pages), pages };
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): TurnError {
  const encrypted = error instanceof Error && error.name === 'PasswordException';
  return new TurnError(
    400,
    encrypted
      ? `The file ${name} is protected by a password and cannot be read. Please upload it without one.`
      : `The file ${name} could not be read as a PDF. Please check that it is not damaged.`,
    { code: 'invalid_file', param: 'input' },
  );
}

function firstLine(pages: readonly string[]): string {
  const first = pages.find((page) => page !== '');
  return first === undefined ? '' : shorten((sentencesOf(first)[0] ?? '').replace(/[.:]$/, ''), 80);
}

function titleFromName(name: string): string {
  return name.replace(/\.pdf$/i, '').replace(/[_-]+/g, ' ');
}

function remember(hash: string, document: Promise<Omit<Document, 'name' | 'bytes'>>): void {
  remembered.delete(hash);
  remembered.set(hash, document);
  const oldest = remembered.keys().next().value;
  if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
}
