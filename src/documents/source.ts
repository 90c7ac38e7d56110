import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BlobClient, ContainerClient } from '@azure/storage-blob';
import { bytesOf, isConflict, isMissing, isPastEnd } from '../platform/blobs.ts';
import type { SourceReference } from './entry.ts';
import { Superseded } from './failures.ts';

/** What Blob Storage says of a blob without reading it. */
export interface SourceFacts {
  etag: string;
  bytes: number;
  metadata: Readonly<Record<string, string>>;
  /** Milliseconds. */
  lastModified: number;
}

/** A blob on disk. Small files and large ones alike never meet the memory as a whole. */
export interface LocalCopy {
  path: string;
  sha256: string;
  /** Removes it. */
  discard(): Promise<void>;
}

/** A connection that breaks in the middle of a large file is taken up again where it broke. */
const DOWNLOAD_RETRIES = 5;

/** The container that people drop files into. */
export class SourceShelf {
  readonly #container: ContainerClient;

  constructor(container: ContainerClient) {
    this.#container = container;
  }

  get container(): string {
    return this.#container.containerName;
  }

  /** The blob as it is now; undefined when it is gone. */
  async facts(name: string): Promise<SourceFacts | undefined> {
    try {
      const found = await this.#container.getBlobClient(name).getProperties();
      return {
        etag: found.etag ?? '',
        bytes: found.contentLength ?? 0,
        metadata: found.metadata ?? {},
        lastModified: found.lastModified?.getTime() ?? 0,
      };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** The first bytes of a version. Throws {@link Superseded} when it is not the newest any more. */
  async firstBytes(source: SourceReference, count: number): Promise<Buffer> {
    return ofThisVersion(async () => {
      const blob = this.#container.getBlobClient(source.name);
      return bytesOf(await blob.download(0, count, { conditions: { ifMatch: source.etag } }));
    });
  }

  /** Streams a version to disk. Throws {@link Superseded} when it is not the newest any more. */
  async copyToDisk(source: SourceReference): Promise<LocalCopy> {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-document-'));
    const discard = (): Promise<void> => rm(folder, { recursive: true, force: true });
    const path = join(folder, 'file.pdf');
    try {
      return { path, sha256: await this.#download(source, path), discard };
    } catch (error) {
      await discard();
      throw error;
    }
  }

  /** Writes a version to a file and hashes it on the way: every pass over a large file leaves garbage of its size. */
  async #download(source: SourceReference, path: string): Promise<string> {
    const hash = createHash('sha256');
    const blob = this.#container.getBlobClient(source.name);
    const answer = await ofThisVersion(() =>
      blob.download(0, undefined, { conditions: { ifMatch: source.etag }, maxRetryRequests: DOWNLOAD_RETRIES }),
    );
    if (answer.readableStreamBody === undefined) throw new Superseded('The blob has no content.');
    const tap = async function* (pieces: AsyncIterable<string | Buffer>): AsyncGenerator<string | Buffer> {
      for await (const piece of pieces) {
        hash.update(piece);
        yield piece;
      }
    };
    await pipeline(answer.readableStreamBody, tap, createWriteStream(path));
    return hash.digest('hex');
  }

  /** Copies a version inside the account, without its bytes passing through here. */
  async copyWithin(source: SourceReference, target: BlobClient): Promise<void> {
    const { url } = this.#container.getBlobClient(source.name);
    await ofThisVersion(async () => {
      const copying = await target.beginCopyFromURL(url, { sourceConditions: { ifMatch: source.etag } });
      await copying.pollUntilDone();
    });
  }

  /** A small text beside the documents; undefined when there is none. Never reads more than the limit and one byte. */
  async text(name: string, limitBytes: number): Promise<string | undefined> {
    try {
      return (await bytesOf(await this.#container.getBlobClient(name).download(0, limitBytes + 1))).toString('utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      // An empty blob has no first byte.
      if (isPastEnd(error)) return '';
      throw error;
    }
  }

  /** Every blob of the container. */
  async *list(): AsyncGenerator<SourceReference & { lastModified: number; bytes: number }> {
    for await (const blob of this.#container.listBlobsFlat()) {
      yield {
        container: this.container,
        name: blob.name,
        // Lists give the ETag without the quotes that every other answer has.
        etag: quoted(blob.properties.etag),
        lastModified: blob.properties.lastModified.getTime(),
        bytes: blob.properties.contentLength ?? 0,
      };
    }
  }
}

export const quoted = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`);

async function ofThisVersion<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isConflict(error) || isMissing(error)) throw new Superseded('The blob has changed.');
    throw error;
  }
}
