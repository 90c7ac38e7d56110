import type { Directory } from '../chains/directory.ts';
import type { Shared } from '../chains/shared.ts';
import type { BlobShelf } from '../platform/blobs.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { deleteAtService } from '../upstream/files.ts';
import { findFile, type FileEntry } from './entry.ts';

/** Where the parts of a file are: its entry, our copy, and the service's. */
export interface FileDeps {
  directory: Directory;
  shelf: BlobShelf;
  service: Pick<ServiceClient, 'deleteQuietly'>;
}

/** Removes a file that the gateway itself uploaded for a response: at the service, our copy, its entry. One that is gone is as good as removed. */
export type ForgetFile = (owner: string, fileId: string) => Promise<void>;

export function createForgetFile(deps: FileDeps): ForgetFile {
  return async (owner, fileId) => {
    const entry = await findFile(deps.directory, owner, fileId);
    await (entry === undefined ? deleteAtService(deps.service, fileId) : removeFile(deps, entry));
  };
}

/** The entry goes last: while something of a file is left, it is named. */
export async function removeFile(deps: FileDeps, entry: FileEntry): Promise<void> {
  await deleteAtService(deps.service, entry.serviceFileId);
  await deps.shelf.remove(entry.blob);
  await deps.directory.remove(entry.owner, entry.id);
}

/** Uploaded files as what responses share. One without an entry is not the owner's, whoever wrote its id into a request. */
export const createSharedFiles = (deps: FileDeps): Shared => ({
  includes: async (owner, fileId) => (await findFile(deps.directory, owner, fileId)) !== undefined,
  forget: createForgetFile(deps),
});
