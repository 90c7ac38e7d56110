import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import { FILE_MAX_BYTES } from '../limits.ts';
import { invalid, Refusal } from '../refusals.ts';
import type { Parts } from '../store/parts.ts';

const PART_BYTES = 1024 * 1024;
const HEAD_BYTES = 1024;

export interface Upload {
  /** Under this name the content lies among the parts. */
  owner: string;
  fields: ReadonlyMap<string, string>;
  file?: { filename: string; bytes: number; head: Buffer };
}

const isMultipart = (headers: IncomingHttpHeaders): headers is IncomingHttpHeaders & { 'content-type': string } =>
  headers['content-type']?.startsWith('multipart/form-data') === true;

/**
 * Reads a multipart form whose one file goes to the store part by part.
 * @throws Refusal when the body is no such form or the file is too large; the parts are gone then.
 */
export async function readUpload(request: IncomingMessage, parts: Parts, owner: string): Promise<Upload> {
  const { headers } = request;
  if (!isMultipart(headers)) {
    throw invalid('Invalid Content-Type: expected a multipart/form-data body with a file.', null);
  }
  const fields = new Map<string, string>();
  let file: Upload['file'];
  try {
    const form = new Busboy({ headers, limits: { fileSize: FILE_MAX_BYTES } });
    form.on('field', (name, value) => void fields.set(name, value));
    const stored: Promise<void>[] = [];
    form.on('file', (name, stream, filename) => {
      if (name !== 'file' || file) return void stream.resume();
      const taken = { filename, bytes: 0, head: Buffer.alloc(0) };
      file = taken;
      stored.push(keep(stream, parts, owner, taken));
    });
    await pipeline(request, form);
    await Promise.all(stored);
  } catch (error) {
    parts.delete(owner);
    throw error instanceof Refusal ? error : invalid('The multipart form could not be read.', null);
  }
  return { owner, fields, file };
}

async function keep(
  stream: BusboyFileStream,
  parts: Parts,
  owner: string,
  file: NonNullable<Upload['file']>,
): Promise<void> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let part = 0;
  const write = () => {
    if (pendingBytes === 0) return;
    parts.add(owner, part, Buffer.concat(pending));
    part += 1;
    pending = [];
    pendingBytes = 0;
  };
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    if (file.head.length < HEAD_BYTES) file.head = Buffer.concat([file.head, chunk.subarray(0, HEAD_BYTES)]);
    file.bytes += chunk.length;
    pending.push(chunk);
    pendingBytes += chunk.length;
    if (pendingBytes >= PART_BYTES) write();
  }
  write();
  if (stream.truncated) {
    throw new Refusal(413, {
      message: `The file is larger than ${FILE_MAX_BYTES} bytes.`,
      type: 'invalid_request_error',
      param: 'file',
      code: 'file_too_large',
    });
  }
}
