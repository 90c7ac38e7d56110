import { openAsBlob } from 'node:fs';
import { posix } from 'node:path';
import { z } from 'zod';
import type { Directory } from '../chains/directory.ts';
import { fileEntryId, type FileEntry } from '../files/entry.ts';
import { hashFile } from '../files/hash.ts';
import type { BlobShelf } from '../platform/blobs.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { uploadToService } from '../upstream/files.ts';
import type { DocumentEntries } from './entries.ts';
import type { DocumentEntry, ServiceFile } from './entry.ts';
import type { LocalCopy } from './source.ts';

/** Longer than an upload may take: whoever finds an older lease knows that its holder is gone. */
const LEASE_MS = 240_000;

/** Clocks of this machine and of the service differ. */
const CLOCK_SKEW_SECONDS = 300;

/** `expires_after[seconds]` of the Files API. */
const EXPIRY_MIN_SECONDS = 3_600;
const EXPIRY_MAX_SECONDS = 30 * 24 * 3_600;

/** Pages of the service's list that are searched for a file whose answer was lost. */
const SEARCHED_PAGES = 20;

export interface UploadDeps {
  entries: DocumentEntries;
  directory: Directory;
  /** Our copies of files, container `files`: what the service loses is brought there again. */
  shelf: BlobShelf;
  service: Pick<ServiceClient, 'json'>;
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
    const { path } = await copy();
    const intended = await intend(deps, entry);
    const intent = intended?.file;
    if (intended === undefined || intent === undefined) return undefined;
    const lost = entry.file === undefined ? undefined : await findLost(deps, entry.file);
    const id = lost ?? (await send(deps, intent, path));
    await keep(deps, { entry: intended, id, path });
    const noted = await deps.entries.move(intended, { file: { ...intent, id } });
    return noted && { entry: noted };
  };
}

/** Written before the upload. Gives undefined when somebody else was faster, or the run has ended. */
async function intend(deps: UploadDeps, entry: DocumentEntry): Promise<DocumentEntry | undefined> {
  const now = deps.clock.now();
  const file: ServiceFile = {
    name: entry.file?.name ?? serviceName(entry),
    intendedAt: entry.file?.intendedAt ?? now,
    leaseUntil: now + LEASE_MS,
  };
  const next = await deps.entries.update(entry.key, (current) =>
    current.run === entry.run && current.state === 'uploading' && current.file?.leaseUntil === entry.file?.leaseUntil
      ? { ...current, file }
      : undefined,
  );
  return next?.file?.leaseUntil === file.leaseUntil ? next : undefined;
}

/** Gives the lease back after a refusal, so that the next try need not wait for it. */
export const withoutLease = (file: ServiceFile | undefined): ServiceFile | undefined =>
  file === undefined ? undefined : { ...file, leaseUntil: 0 };

async function send(deps: UploadDeps, intent: ServiceFile, path: string): Promise<string> {
  // A blob that reads from disk while it is sent.
  const content = await openAsBlob(path, { type: 'application/pdf' });
  const seconds = Math.min(Math.max(deps.retentionDays * 24 * 3_600, EXPIRY_MIN_SECONDS), EXPIRY_MAX_SECONDS);
  const { id } = await uploadToService(deps.service, {
    content,
    filename: intent.name,
    purpose: 'assistants',
    expiresAfter: { anchor: 'created_at', seconds },
  });
  return id;
}

/** Our copy, and the entry that says whose the file is: with it, a follow-up question may name the file like any upload. */
async function keep(
  deps: UploadDeps,
  { entry, id, path }: { entry: DocumentEntry; id: string; path: string },
): Promise<void> {
  const blob = `documents/${entry.key}-${entry.run}.pdf`;
  await deps.shelf.client
    .getBlockBlobClient(blob)
    .uploadFile(path, { blobHTTPHeaders: { blobContentType: 'application/pdf' }, concurrency: 2 });
  const file: FileEntry = {
    id: fileEntryId(id),
    owner: entry.owner,
    kind: 'file',
    fileId: id,
    serviceFileId: id,
    filename: posix.basename(entry.name),
    contentType: 'application/pdf',
    bytes: entry.bytes,
    purpose: 'assistants',
    createdAt: unixSeconds(deps.clock),
    blob,
    sha256: await hashFile(path),
    ttl: deps.ttlSeconds,
  };
  await deps.directory.upsert(file);
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
  return `${title}-${entry.key.slice(0, 12)}${entry.run === 1 ? '' : `-${entry.run}`}.pdf`;
}
