import { entryId, type Directory, type Entry } from '../chains/directory.ts';
import { GatewayError } from '../errors.ts';
import { isServiceId } from '../platform/ids.ts';
import type { JsonObject } from '../upstream/wire.ts';

/** An uploaded file in its owner's directory. */
export interface FileEntry extends Entry {
  kind: 'file';
  fileId: string;
  /** The file at the service; another one after it was uploaded again. */
  serviceFileId: string;
  filename: string;
  contentType: string;
  bytes: number;
  /** What the caller asked for; the service may have been told `assistants`. */
  purpose: string;
  createdAt: number;
  expiresAt?: number;
  /** Our copy in the container `files`: the service does not give `assistants` files back. */
  blob: string;
  sha256: string;
}

export const fileEntryId = (fileId: string): string => entryId('file', fileId);

/** The file as the API shows it. */
export const presentFile = (entry: FileEntry): JsonObject => ({
  id: entry.fileId,
  object: 'file',
  bytes: entry.bytes,
  created_at: entry.createdAt,
  ...(entry.expiresAt === undefined ? {} : { expires_at: entry.expiresAt }),
  filename: entry.filename,
  purpose: entry.purpose,
  status: 'processed',
});

/** The caller's file. Foreign and unknown ids give the same 404. */
export async function ownFile(directory: Directory, owner: string, fileId: string): Promise<FileEntry> {
  const entry = await findFile(directory, owner, fileId);
  if (entry === undefined) throw new GatewayError('not_found', `No such File object: ${fileId}`, { param: 'id' });
  return entry;
}

export async function findFile(directory: Directory, owner: string, fileId: string): Promise<FileEntry | undefined> {
  return isServiceId(fileId) ? directory.read(owner, fileEntryId(fileId)) : undefined;
}
