import { openAsBlob } from 'node:fs';
import { posix } from 'node:path';
import * as z from 'zod';
import type { Directory } from '../chains/directory.ts';
import { fileEntryId, type FileEntry } from '../files/entry.ts';
import type { ForgetFile } from '../files/forget.ts';
import type { BlobShelf } from '../platform/blobs.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import { newRequestId } from '../platform/ids.ts';
import { FILE_EXPIRY_MAX_SECONDS, FILE_EXPIRY_MIN_SECONDS } from '../platform/limits.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { ServiceError, type Certainty } from '../upstream/errors.ts';
import { uploadToService } from '../upstream/files.ts';
import type { DocumentEntries } from './entries.ts';
import { sourceOf, type DocumentEntry, type ServiceFile } from './entry.ts';
import type { LocalCopy, SourceShelf } from './source.ts';

/**
 * How long nobody else uploads. Whoever finds an older lease may go on: its holder is gone, or slow, and then one of the two
 * finds the other's file, or gives its own back.
 */
const LEASE_MS = 15_000;

/** After a lost answer: by then the service lists the file, if it has it. */
const LOST_ANSWER_MS = 5_000;

/** Clocks of this machine and of the service differ. */
const CLOCK_SKEW_SECONDS = 300;

/** Pages of the service's list that are searched for a file whose answer was lost. */
const SEARCHED_PAGES = 20;

export interface UploadDeps {
  entries: DocumentEntries;
  directory: Directory;
  source: Pick<SourceShelf, 'copyWithin'>;
  /** Our copies of files, container `files`: what the service loses is brought there again. */
  shelf: BlobShelf;
  service: Pick<ServiceClient, 'json'>;
  forgetFile: ForgetFile;
  clock: Clock;
  retentionDays: number;
  ttlSeconds: number;
}

export type Uploaded = { entry: DocumentEntry } | { waitMs: number };

/** Brings the file to the service once, however often it is called: the intent is written first, and a lost answer is looked for. */
export type UploadDocument = (entry: DocumentEntry, copy: () => Promise<LocalCopy>) => Promise<Uploaded | undefined>;

export function createUploadDocument(deps: UploadDeps): UploadDocument {
  return async (entry, copy) => {
    if (entry.file?.id !== undefined) return { entry };
    const now = deps.clock.now();
    if (entry.file !== undefined && entry.file.leaseUntil > now) return { waitMs: entry.file.leaseUntil - now };
    const { path, sha256 } = await copy();
    const intended = await intend(deps, entry);
    if (intended === undefined) return undefined;
    const id = await bring(deps, entry, intended.file, path);
    await keep(deps, intended.entry, { id, sha256 });
    return note(deps, intended, id);
  };
}

interface Intended {
  entry: DocumentEntry;
  file: ServiceFile;
}

/** The file's id at the service: of an earlier attempt whose answer was lost, or of this one. */
async function bring(deps: UploadDeps, before: DocumentEntry, intent: ServiceFile, path: string): Promise<string> {
  const lost = before.file === undefined ? undefined : await findLost(deps, before.file);
  try {
    return lost ?? (await send(deps, intent, path));
  } catch (error) {
    if (error instanceof ServiceError) await shortenLease(deps, before, intent, error.certainty);
    throw error;
  }
}

/** The next attempt need not wait for the lease of one that has ended. */
async function shortenLease(
  deps: UploadDeps,
  { key }: DocumentEntry,
  intent: ServiceFile,
  certainty: Certainty,
): Promise<void> {
  const leaseUntil = certainty === 'refused' ? 0 : deps.clock.now() + LOST_ANSWER_MS;
  await deps.entries.update(key, (now) =>
    now.file?.attempt === intent.attempt ? { ...now, file: { ...now.file, leaseUntil } } : undefined,
  );
}

/** Writes the id down, unless somebody else has brought the file meanwhile: then this copy goes again. */
async function note(deps: UploadDeps, { entry, file }: Intended, id: string): Promise<Uploaded | undefined> {
  const noted = await deps.entries.update(entry.key, (now) =>
    now.state === 'uploading' && now.run === entry.run && now.file?.id === undefined
      ? { ...now, file: { ...file, id } }
      : undefined,
  );
  if (noted?.file?.id === id) return { entry: noted };
  await deps.forgetFile(entry.owner, id);
  return undefined;
}

/** Written before the upload. Undefined when somebody else was faster, or the run has ended. */
async function intend(deps: UploadDeps, entry: DocumentEntry): Promise<Intended | undefined> {
  const now = deps.clock.now();
  const file: ServiceFile = {
    name: entry.file?.name ?? serviceName(entry),
    intendedAt: entry.file?.intendedAt ?? now,
    leaseUntil: now + LEASE_MS,
    attempt: newRequestId(),
  };
  const next = await deps.entries.update(entry.key, (current) =>
    current.run === entry.run &&
    current.state === 'uploading' &&
    current.file?.attempt === entry.file?.attempt &&
    current.file?.id === undefined
      ? { ...current, file }
      : undefined,
  );
  return next?.file?.attempt === file.attempt ? { entry: next, file } : undefined;
}

async function send(deps: UploadDeps, intent: ServiceFile, path: string): Promise<string> {
  // A blob that reads from disk while it is sent.
  const content = await openAsBlob(path, { type: 'application/pdf' });
  const seconds = Math.min(Math.max(deps.retentionDays * 24 * 3_600, FILE_EXPIRY_MIN_SECONDS), FILE_EXPIRY_MAX_SECONDS);
  const { id } = await uploadToService(deps.service, {
    content,
    filename: intent.name,
    purpose: 'assistants',
    expiresAfter: { anchor: 'created_at', seconds },
  });
  return id;
}

/** Our copy, and the entry that says whose the file is: with it, a follow-up question may name the file like any upload. */
async function keep(deps: UploadDeps, entry: DocumentEntry, file: { id: string; sha256: string }): Promise<void> {
  const blob = `documents/${entry.key}-${entry.run}.pdf`;
  await deps.source.copyWithin(sourceOf(entry), deps.shelf.client.getBlobClient(blob));
  const kept: FileEntry = {
    id: fileEntryId(file.id),
    owner: entry.owner,
    kind: 'file',
    fileId: file.id,
    serviceFileId: file.id,
    filename: posix.basename(entry.name),
    contentType: 'application/pdf',
    bytes: entry.bytes,
    purpose: 'assistants',
    createdAt: unixSeconds(deps.clock),
    blob,
    sha256: file.sha256,
    ttl: deps.ttlSeconds,
  };
  await deps.directory.upsert(kept);
}

const fileList = z.looseObject({
  data: z.array(z.looseObject({ id: z.string(), filename: z.string().nullish(), created_at: z.number().nullish() })),
  has_more: z.boolean().nullish(),
});

/** The file of an earlier attempt whose answer never arrived: its name is ours alone. */
async function findLost(deps: UploadDeps, intent: ServiceFile): Promise<string | undefined> {
  const oldest = intent.intendedAt / 1000 - CLOCK_SKEW_SECONDS;
  let after: string | undefined;
  for (let page = 0; page < SEARCHED_PAGES; page += 1) {
    const { body } = await deps.service.json({
      method: 'get',
      path: '/files',
      operation: 'files.list',
      query: { purpose: 'assistants', order: 'desc', limit: 100, ...(after === undefined ? {} : { after }) },
      retries: 2,
    });
    const { data, has_more: more } = fileList.parse(body);
    const found = data.find((file) => file.filename === intent.name);
    if (found !== undefined) return found.id;
    const last = data.at(-1);
    if (more !== true || last === undefined || (last.created_at ?? 0) < oldest) return undefined;
    after = last.id;
  }
  return undefined;
}

/** Readable for the model, unique for us: the title and a part of the hash. */
function serviceName(entry: DocumentEntry): string {
  const title = posix
    .basename(entry.name)
    .replace(/\.pdf$/i, '')
    .slice(0, 120);
  return `${title}-${entry.key.slice(0, 8)}${entry.run === 1 ? '' : `-${entry.run}`}.pdf`;
}
