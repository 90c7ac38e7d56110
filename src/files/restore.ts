import type { Directory } from '../chains/directory.ts';
import { LostRace } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import { sha256, type BlobShelf } from '../platform/blobs.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { deleteAtService, uploadToService } from '../upstream/files.ts';
import { findFile, type FileEntry } from './entry.ts';
import { servicePurpose } from './purpose.ts';

export interface RestoreDeps {
  directory: Directory;
  /** Our copies of uploads. */
  files: Pick<BlobShelf, 'get'>;
  service: Pick<ServiceClient, 'json' | 'deleteQuietly'>;
}

/** Makes sure that the service has these files of the owner: what it has lost is uploaded again from our copy. */
export type RestoreFiles = (owner: string, fileIds: readonly string[]) => Promise<void>;

export function createRestoreFiles(deps: RestoreDeps): RestoreFiles {
  return async (owner, fileIds) => {
    await Promise.all(
      fileIds.map(async (id) => {
        const entry = await findFile(deps.directory, owner, id);
        if (entry !== undefined && !(await isThere(deps, entry))) await uploadAgain(deps, entry);
      }),
    );
  };
}

async function isThere(deps: RestoreDeps, { serviceFileId }: FileEntry): Promise<boolean> {
  const path = `/files/${encodeURIComponent(serviceFileId)}`;
  try {
    await deps.service.json({ method: 'get', path, operation: 'files.retrieve', retries: 1 });
    return true;
  } catch (error) {
    if (error instanceof GatewayError && error.status === 404) return false;
    throw error;
  }
}

async function uploadAgain(deps: RestoreDeps, entry: FileEntry): Promise<void> {
  const copy = await deps.files.get(entry.blob);
  if (copy === undefined || sha256(copy.bytes) !== entry.sha256) {
    throw new GatewayError(
      'store_unavailable',
      'The stored copy of a file in this conversation is missing or damaged.',
    );
  }
  const { id } = await uploadToService(deps.service, {
    content: new Blob([new Uint8Array(copy.bytes)], { type: entry.contentType }),
    filename: entry.filename,
    purpose: servicePurpose(entry.purpose),
  });
  try {
    await deps.directory.replace({ ...entry, serviceFileId: id });
  } catch (error) {
    // Somebody else has brought it back, or it was deleted: this copy has no name here.
    await deleteAtService(deps.service, id);
    if (!(error instanceof LostRace)) throw error;
  }
}
