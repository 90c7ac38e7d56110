import { createHash } from 'node:crypto';
import { createWriteStream, openAsBlob } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { GatewayError } from '../errors.ts';
import { FILE_LIMIT_BYTES } from '../platform/limits.ts';

/** An upload as it came: the file on disk, so that its size never meets the memory. */
export interface Upload {
  fields: ReadonlyMap<string, string>;
  file: { path: string; filename: string; contentType: string; bytes: number; sha256: string };
  /** A blob that reads from disk as it is sent. */
  blob(): Promise<Blob>;
  /** Removes the temporary file. */
  discard(): Promise<void>;
}

/** What may stand in a header: ours when the content is given back, and the store's. */
const MEDIA_TYPE = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/;

/** The whole form: a file, and some words around it. */
const FORM_LIMIT_BYTES = FILE_LIMIT_BYTES + 1024 * 1024;

/** A field of a form is a word or two; anything longer is a mistake or an attack. */
const FIELD_LIMIT_BYTES = 64 * 1024;
const FIELDS_LIMIT = 50;
/** Only one is taken; a few others may stand before it. */
const FILES_LIMIT = 10;

/**
 * Reads a multipart form with one file, in whatever order its parts come (SDKs send the file first).
 * @throws `invalid_value` for what is no such form, `body_too_large` over {@link FILE_LIMIT_BYTES}.
 */
export async function readUpload(contentType: string, body: AsyncIterable<Uint8Array>): Promise<Upload> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-upload-'));
  const discard = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const { fields, file } = await parse(contentType, body, join(folder, 'file'));
    return { fields, file, discard, blob: () => openAsBlob(join(folder, 'file'), { type: file.contentType }) };
  } catch (error) {
    await discard();
    throw error;
  }
}

async function parse(
  contentType: string,
  body: AsyncIterable<Uint8Array>,
  path: string,
): Promise<Pick<Upload, 'fields' | 'file'>> {
  const parser = openParser(contentType);
  const fields = new Map<string, string>();
  const hash = createHash('sha256');
  let file: (Upload['file'] & { cut: boolean }) | undefined;
  let writing: Promise<void> = Promise.resolve();
  parser.on('field', (name, value) => fields.set(name, value));
  parser.on('file', (name, stream, filename, _encoding, mimeType) => {
    if (name !== 'file' || file !== undefined) {
      // A form that is cut is told by the parser, too; an error nobody listens to would end the process.
      stream.on('error', () => stream.resume()).resume();
      return;
    }
    const found = {
      path,
      filename: filename === '' ? 'file' : filename,
      contentType: MEDIA_TYPE.test(mimeType) ? mimeType : 'application/octet-stream',
      bytes: 0,
      sha256: '',
      cut: false,
    };
    file = found;
    stream.on('data', (chunk: Buffer) => {
      found.bytes += chunk.length;
      hash.update(chunk);
    });
    stream.on('limit', () => (found.cut = true));
    writing = pipeline(stream, createWriteStream(path));
    // Of a form that is cut both pipelines fail: the parser's is told, and this one must not end the process.
    writing.catch(() => undefined);
  });
  try {
    await pipeline(Readable.from(upToLimit(body)), parser);
    await writing;
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('invalid_value', 'The body is no complete multipart/form-data form.', { cause });
  }
  if (file === undefined) {
    throw new GatewayError('invalid_value', "The form has no file: send it in the field 'file'.", { param: 'file' });
  }
  const { cut, ...whole } = file;
  if (cut) throw tooLarge();
  return { fields, file: { ...whole, sha256: hash.digest('hex') } };
}

/** The parser's limits are those of single parts: what stands before, between and behind them has none. */
async function* upToLimit(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > FORM_LIMIT_BYTES) throw tooLarge();
    yield chunk;
  }
}

const tooLarge = (): GatewayError =>
  new GatewayError('body_too_large', `The file is larger than ${FILE_LIMIT_BYTES / 1024 / 1024} MB.`, {
    param: 'file',
  });

function openParser(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { fileSize: FILE_LIMIT_BYTES, fieldSize: FIELD_LIMIT_BYTES, fields: FIELDS_LIMIT, files: FILES_LIMIT },
    });
  } catch (cause) {
    throw new GatewayError('invalid_value', 'Send the file as multipart/form-data with the fields file and purpose.', {
      cause,
    });
  }
}
