import { createReadStream } from 'node:fs';
import type { Directory } from '../chains/directory.ts';
import { GatewayError } from '../errors.ts';
import type { BlobShelf } from '../platform/blobs.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import { newToken } from '../platform/ids.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { uploadToService } from '../upstream/files.ts';
import type { JsonObject } from '../upstream/wire.ts';
import { fileEntryId, presentFile, type FileEntry } from './entry.ts';
import { readUpload, type Upload } from './multipart.ts';
import { readExpiry, servicePurpose } from './purpose.ts';

export interface UploadDeps {
  directory: Directory;
  /** Our copies, container `files`. */
  shelf: BlobShelf;
  service: Pick<ServiceClient, 'json'>;
  clock: Clock;
  ttlSeconds: number;
}

/** Takes an upload: our copy first, then the service's, then the entry that says whose it is. */
export type UploadFile = (owner: string, contentType: string, body: AsyncIterable<Uint8Array>) => Promise<JsonObject>;

export function createUploadFile(deps: UploadDeps): UploadFile {
  return async (owner, contentType, body) => {
    const upload = await readUpload(contentType, body);
    try {
      return await keepFile(deps, owner, upload);
    } finally {
      await upload.discard();
    }
  };
}

async function keepFile(deps: UploadDeps, owner: string, upload: Upload): Promise<JsonObject> {
  const { file, fields } = upload;
  if (file.bytes === 0) throw new GatewayError('invalid_value', 'The file is empty.', { param: 'file' });
  const purpose = fields.get('purpose');
  if (purpose === undefined)
    throw new GatewayError('invalid_value', "The field 'purpose' is missing.", { param: 'purpose' });
  const asked = { purpose: servicePurpose(purpose), expiresAfter: readExpiry(fields) };
  const blob = newToken();
  await deps.shelf.client.getBlockBlobClient(blob).uploadStream(createReadStream(file.path), 4 * 1024 * 1024, 2, {
    blobHTTPHeaders: { blobContentType: file.contentType },
  });
  let serviceFile: Awaited<ReturnType<typeof uploadToService>>;
  try {
    serviceFile = await uploadToService(deps.service, {
      content: await upload.blob(),
      filename: file.filename,
      ...asked,
    });
  } catch (error) {
    await deps.shelf.remove(blob);
    throw error;
  }
  const entry: FileEntry = {
    id: fileEntryId(serviceFile.id),
    owner,
    kind: 'file',
    fileId: serviceFile.id,
    serviceFileId: serviceFile.id,
    filename: file.filename,
    contentType: file.contentType,
    bytes: file.bytes,
    purpose,
    // The service's own: what expires does so at a distance from it.
    createdAt: serviceFile.createdAt ?? unixSeconds(deps.clock),
    expiresAt: serviceFile.expiresAt,
    blob,
    sha256: file.sha256,
    ttl: deps.ttlSeconds,
  };
  await deps.directory.create(entry);
  return presentFile(entry);
}
