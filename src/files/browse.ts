import { notFound } from '../errors.ts';
import type { JsonObject } from '../upstream/wire.ts';
import { ownFile, presentFile, type FileEntry } from './entry.ts';
import { removeFile, type FileDeps } from './forget.ts';

export interface FileContent {
  stream: NodeJS.ReadableStream;
  bytes: number;
  contentType: string;
}

/** What callers do with files they have uploaded. Everything throws `not_found` for a file that is not theirs. */
export interface BrowseFiles {
  retrieve(owner: string, fileId: string): Promise<JsonObject>;
  /** The bytes from our copy. */
  content(owner: string, fileId: string): Promise<FileContent>;
  remove(owner: string, fileId: string): Promise<JsonObject>;
  /** Every file of the owner, oldest first. */
  all(owner: string, purpose?: string): Promise<JsonObject[]>;
}

export function createBrowseFiles(deps: FileDeps): BrowseFiles {
  return {
    retrieve: async (owner, fileId) => presentFile(await ownFile(deps.directory, owner, fileId)),

    async content(owner, fileId) {
      const entry = await ownFile(deps.directory, owner, fileId);
      const { readableStreamBody } = await deps.shelf.client.getBlobClient(entry.blob).download();
      if (readableStreamBody === undefined) throw notFound('File content', fileId);
      return { stream: readableStreamBody, bytes: entry.bytes, contentType: entry.contentType };
    },

    async remove(owner, fileId) {
      const entry = await ownFile(deps.directory, owner, fileId);
      await removeFile(deps, entry);
      return { id: fileId, object: 'file', deleted: true };
    },

    async all(owner, purpose) {
      const query = 'SELECT * FROM c WHERE c.kind = "file" ORDER BY c.createdAt';
      const found = await deps.directory.queryAll<FileEntry>({ query }, owner);
      return found.filter((entry) => purpose === undefined || entry.purpose === purpose).map(presentFile);
    },
  };
}
