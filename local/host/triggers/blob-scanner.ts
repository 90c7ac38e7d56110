import type { BlobItem, BlobServiceClient, ContainerClient } from '@azure/storage-blob';
import { z } from 'zod';
import type { BlobPath } from './blob-path.ts';
import type { BlobReceipts } from './blob-receipts.ts';
import { orUndefined } from './storage-errors.ts';

/** One container with the functions that watch it. */
export interface WatchedContainer {
  service: BlobServiceClient;
  container: ContainerClient;
  watchers: readonly { functionId: string; path: BlobPath }[];
}

export interface BlobScanner {
  /** Looks through the container; continues where the last call stopped when there are very many blobs. */
  scan(): Promise<void>;
}

export interface BlobScannerOptions extends WatchedContainer {
  hostContainer: ContainerClient;
  hostId: string;
  receipts: BlobReceipts;
}

/** Blobs that one look goes through (ScanBlobScanLogHybridPollingStrategy). */
const SCAN_BUDGET = 10_000;
const PAGE_SIZE = 5000;
const scanInfo = z.object({ LatestScan: z.string() });

/**
 * Finds blobs that are new since the last full pass. Times of storage are whole seconds, so "new" includes the second
 * of the mark itself: the receipts keep a blob from being fired twice.
 */
export function createBlobScanner(options: BlobScannerOptions): BlobScanner {
  const { service, container, watchers, hostContainer, hostId, receipts } = options;
  const info = hostContainer.getBlockBlobClient(
    `blobscaninfo/${hostId}/${service.accountName}/${container.containerName}/scanInfo`,
  );
  /** Modification time up to which all is seen. */
  let mark: number | undefined;
  let newestSeen = 0;
  let continuation: string | undefined;
  const unfinished: (() => Promise<boolean>)[] = [];
  /** What the second of the mark held, so that a quiet container costs one listing a look and no more. */
  const handled = new Map<string, number>();

  async function readMark(): Promise<number> {
    const bytes = await orUndefined(info.downloadToBuffer());
    if (!bytes) return 0;
    return Date.parse(scanInfo.parse(JSON.parse(bytes.toString())).LatestScan);
  }

  async function saveMark(time: number): Promise<void> {
    const text = JSON.stringify({ LatestScan: new Date(time - 1).toISOString() });
    await info.upload(text, Buffer.byteLength(text));
  }

  async function notify(functionId: string, blob: BlobItem): Promise<void> {
    const version = `${functionId} ${blob.properties.etag} ${blob.name}`;
    if (handled.has(version)) return;
    const attempt = async (): Promise<boolean> => {
      const isDone = await receipts.notify(functionId, container, blob.name);
      if (isDone) handled.set(version, blob.properties.lastModified.getTime());
      return isDone;
    };
    if (!(await attempt())) unfinished.push(attempt);
  }

  async function retryUnfinished(): Promise<void> {
    for (const attempt of unfinished.splice(0)) if (!(await attempt())) unfinished.push(attempt);
  }

  async function scanPage(since: number): Promise<number> {
    const pages = container.listBlobsFlat().byPage({ maxPageSize: PAGE_SIZE, continuationToken: continuation });
    const page = await orUndefined(pages.next());
    if (!page || page.done) return 0;
    for (const blob of page.value.segment.blobItems) {
      const modified = blob.properties.lastModified.getTime();
      newestSeen = Math.max(newestSeen, modified);
      if (modified < since) continue;
      for (const { functionId, path } of watchers) if (path.match(blob.name)) await notify(functionId, blob);
    }
    continuation = page.value.continuationToken === '' ? undefined : page.value.continuationToken;
    return page.value.segment.blobItems.length;
  }

  return {
    async scan() {
      mark ??= await readMark();
      await retryUnfinished();
      let seen = 0;
      do seen += await scanPage(mark);
      while (continuation !== undefined && seen < SCAN_BUDGET);
      if (continuation !== undefined || newestSeen <= mark || unfinished.length > 0) return;
      mark = newestSeen;
      for (const [version, modified] of handled) if (modified < mark) handled.delete(version);
      await saveMark(mark);
    },
  };
}
