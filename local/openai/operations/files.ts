import { inSeconds } from '../clock.ts';
import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { pageOf, paging } from '../http/query.ts';
import type { Upload } from '../http/upload.ts';
import { newFileId } from '../ids.ts';
import { FILE_MAX_EXPIRY_SECONDS, FILE_MIN_EXPIRY_SECONDS, FILES_PAGE_MAX } from '../limits.ts';
import { fileNotFound, invalid, missingParameter, unsupportedValue } from '../refusals.ts';
import type { Service } from '../service.ts';
import type { FileRecord } from '../store/files.ts';

const PURPOSES = ['assistants', 'batch', 'fine-tune', 'evals', 'vision', 'user_data'];
/** These hold JSON lines, and their content is given back. */
const LINES = new Set(['batch', 'fine-tune', 'evals']);

/** `POST /files` */
export function createFile({ files, parts, clock }: Service, { upload }: Call): Answer {
  if (!upload) throw missingParameter('file');
  const { file, purpose } = checkUpload(upload);
  const createdAt = clock.now();
  const expiry = expirySeconds(upload.fields);
  const record: FileRecord = {
    id: newFileId(purpose),
    createdAt,
    expiresAt: expiry === undefined ? null : createdAt + expiry * 1000,
    filename: file.filename,
    purpose,
    bytes: file.bytes,
  };
  parts.move(upload.owner, record.id);
  files.add(record);
  return { body: asFile(record) };
}

function checkUpload({ file, fields }: Upload): { file: NonNullable<Upload['file']>; purpose: string } {
  const purpose = fields.get('purpose');
  if (!file) throw missingParameter('file');
  if (purpose === undefined) throw missingParameter('purpose');
  if (!PURPOSES.includes(purpose)) {
    throw unsupportedValue('purpose', purpose, PURPOSES);
  }
  if (file.bytes === 0) throw invalid('Empty file.', 'file');
  const isPdf = file.head.subarray(0, 5).toString('latin1') === '%PDF-' || /\.pdf$/i.test(file.filename);
  if (purpose === 'user_data' && isPdf) {
    throw invalid(
      "Purpose 'user_data' is not supported for PDF files on this resource: use 'assistants'.",
      'purpose',
      'invalid_value',
    );
  }
  if (LINES.has(purpose) && !/\.jsonl$/i.test(file.filename)) {
    throw invalid(
      `Invalid file format for purpose '${purpose}': expected a file with the extension .jsonl.`,
      'file',
      'invalid_file_format',
    );
  }
  return { file, purpose };
}

function expirySeconds(fields: ReadonlyMap<string, string>): number | undefined {
  const anchor = fields.get('expires_after[anchor]');
  const seconds = fields.get('expires_after[seconds]');
  if (anchor === undefined && seconds === undefined) return undefined;
  if (anchor !== 'created_at') {
    throw unsupportedValue('expires_after.anchor', anchor ?? '', ['created_at']);
  }
  const number = Number(seconds);
  if (!Number.isInteger(number) || number < FILE_MIN_EXPIRY_SECONDS || number > FILE_MAX_EXPIRY_SECONDS) {
    throw invalid(
      `Invalid 'expires_after.seconds': expected a value between ${FILE_MIN_EXPIRY_SECONDS} and ${FILE_MAX_EXPIRY_SECONDS}, but got ${seconds ?? 'nothing'}.`,
      'expires_after.seconds',
      'invalid_value',
    );
  }
  return number;
}

/** `GET /files` */
export function listFiles({ files }: Service, { query }: Call): Answer {
  const purpose = query.get('purpose');
  const asked = paging(query, FILES_PAGE_MAX, FILES_PAGE_MAX);
  const wanted = files.all().filter((file) => purpose === null || file.purpose === purpose);
  return { body: pageOf(wanted.map(asFile), asked) };
}

/** `GET /files/{id}` */
export function retrieveFile(service: Service, call: Call): Answer {
  return { body: asFile(find(service, call)) };
}

/** `GET /files/{id}/content`: what was uploaded for models is not given back. */
export function fileContent(service: Service, call: Call): Answer {
  const file = find(service, call);
  if (!LINES.has(file.purpose)) throw invalid(`Not allowed to download files of purpose: ${file.purpose}`, null);
  return { body: service.files.content(file.id) };
}

/** `DELETE /files/{id}` */
export function deleteFile(service: Service, call: Call): Answer {
  const { id } = find(service, call);
  service.files.delete(id);
  return { body: { id, object: 'file', deleted: true } };
}

function find({ files }: Service, { params, plan }: Call): FileRecord {
  const id = params[0] ?? '';
  const file = plan.has('forget_files') ? undefined : files.get(id);
  if (!file) throw fileNotFound(id);
  return file;
}

const asFile = ({ id, createdAt, expiresAt, filename, purpose, bytes }: FileRecord) => ({
  id,
  object: 'file',
  bytes,
  created_at: inSeconds(createdAt),
  expires_at: expiresAt === null ? null : inSeconds(expiresAt),
  filename,
  purpose,
  status: 'processed',
  status_details: null,
});
