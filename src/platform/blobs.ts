import { createHash } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import {
  BlobServiceClient,
  RestError,
  type BlobDownloadResponseParsed,
  type ContainerClient,
} from '@azure/storage-blob';
import type { Config } from './config.ts';

/** The containers of the data account; `infra` and the local world make them. */
export const BLOB_CONTAINERS = ['pdfs', 'analyses', 'images', 'files', 'payloads', 'events'] as const;
export type BlobContainer = (typeof BLOB_CONTAINERS)[number];

export function createBlobService(config: Config, credential: TokenCredential): BlobServiceClient {
  return 'connectionString' in config.dataStorage
    ? BlobServiceClient.fromConnectionString(config.dataStorage.connectionString)
    : new BlobServiceClient(config.dataStorage.blobServiceUri, credential);
}

export interface BlobContent {
  bytes: Buffer;
  contentType: string;
  etag: string;
}

export interface PutOptions {
  contentType: string;
  metadata?: Record<string, string>;
}

/** What most rooms do with blobs: whole, small enough for memory. Large ones use {@link BlobShelf.client}. */
export class BlobShelf {
  /** For streams, leases and append blobs. */
  readonly client: ContainerClient;

  constructor(service: BlobServiceClient, container: BlobContainer) {
    this.client = service.getContainerClient(container);
  }

  /** Writes, or overwrites, a whole blob. */
  async put(
    name: string,
    content: Uint8Array | string,
    options: PutOptions,
  ): Promise<{ bytes: number; sha256: string }> {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    await this.client.getBlockBlobClient(name).upload(bytes, bytes.byteLength, {
      blobHTTPHeaders: { blobContentType: options.contentType },
      metadata: options.metadata,
    });
    return { bytes: bytes.byteLength, sha256: sha256(bytes) };
  }

  /** The whole blob, or undefined when there is none. */
  async get(name: string): Promise<BlobContent | undefined> {
    const blob = this.client.getBlobClient(name);
    try {
      const answer = await blob.download();
      return {
        bytes: await bytesOf(answer),
        contentType: answer.contentType ?? 'application/octet-stream',
        etag: answer.etag ?? '',
      };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Removes a blob; one that is not there is as good as removed. Says whether there was one. */
  async remove(name: string): Promise<boolean> {
    const answer = await this.client.getBlobClient(name).deleteIfExists();
    return answer.succeeded;
  }

  /** Removes every blob under a folder, and says how many there were. */
  async removeFolder(prefix: string): Promise<number> {
    let removed = 0;
    for await (const blob of this.client.listBlobsFlat({ prefix })) {
      if (await this.remove(blob.name)) removed += 1;
    }
    return removed;
  }
}

/** All that a download gives. */
export async function bytesOf({ readableStreamBody }: BlobDownloadResponseParsed): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** Blob Storage is overloaded or cannot be reached, after the SDK's own retries. */
export const isBlobBusy = (error: unknown): boolean =>
  error instanceof RestError && (error.statusCode === undefined || error.statusCode === 429 || error.statusCode >= 500);

/** There is nothing behind the first byte that was asked for. */
export const isPastEnd = (error: unknown): boolean => error instanceof RestError && error.statusCode === 416;

export const isMissing = (error: unknown): boolean => error instanceof RestError && error.statusCode === 404;

/** A lost conditional write: somebody else was first. */
export const isConflict = (error: unknown): boolean =>
  error instanceof RestError && (error.statusCode === 409 || error.statusCode === 412);
