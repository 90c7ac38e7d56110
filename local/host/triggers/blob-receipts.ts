import type { ContainerClient } from '@azure/storage-blob';
import { isStorageStatus, orUndefined } from './storage-errors.ts';

/** What goes through the queue of the blob trigger (Microsoft.Azure.WebJobs.Extensions.Storage.Blobs, BlobTriggerMessage). */
export interface BlobMessage {
  Type: 'BlobTrigger';
  /** `Host.Functions.<name>` */
  FunctionId: string;
  BlobType: string;
  ContainerName: string;
  BlobName: string;
  /** In quotes, as HTTP has it. */
  ETag: string;
}

/** How long one host may take to enqueue a blob before another one may try. */
const LEASE_SECONDS = 30;

export interface BlobReceipts {
  /**
   * Enqueues a blob for a function, once for each of its versions.
   * @returns false when another host is at it: to be asked again
   */
  notify(functionId: string, container: ContainerClient, blobName: string): Promise<boolean>;
}

export interface BlobReceiptsOptions {
  /** Container `azure-webjobs-hosts` of the host's own storage. */
  hostContainer: ContainerClient;
  hostId: string;
  enqueue: (message: BlobMessage) => Promise<void>;
}

/**
 * Remembers in storage which version of a blob has been enqueued for which function, as the real extension does: an
 * empty blob, marked complete after the message is in the queue. A crash in between enqueues twice, never not at all.
 */
export function createBlobReceipts({ hostContainer, hostId, enqueue }: BlobReceiptsOptions): BlobReceipts {
  return {
    async notify(functionId, container, blobName) {
      const properties = await orUndefined(container.getBlobClient(blobName).getProperties());
      const etag = properties?.etag;
      // It is gone already.
      if (etag === undefined) return true;
      const name = `blobreceipts/${hostId}/${functionId}/${etag}/${container.containerName}/${blobName}`;
      const receipt = hostContainer.getBlockBlobClient(name);
      const found = await orUndefined(receipt.getProperties());
      if (isCompleted(found?.metadata)) return true;
      if (!found && !(await created(receipt.upload('', 0, { conditions: { ifNoneMatch: '*' } })))) return false;
      const lease = receipt.getBlobLeaseClient();
      if (!(await created(lease.acquireLease(LEASE_SECONDS)))) return false;
      try {
        if (isCompleted((await receipt.getProperties()).metadata)) return true;
        await enqueue({
          Type: 'BlobTrigger',
          FunctionId: functionId,
          BlobType: properties?.blobType ?? 'BlockBlob',
          ContainerName: container.containerName,
          BlobName: blobName,
          ETag: etag,
        });
        await receipt.setMetadata({ Completed: 'True' }, { conditions: { leaseId: lease.leaseId } });
        return true;
      } finally {
        await lease.releaseLease();
      }
    },
  };
}

function isCompleted(metadata: Readonly<Record<string, string>> | undefined): boolean {
  return metadata?.Completed !== undefined || metadata?.completed !== undefined;
}

/** False when somebody else was quicker. */
async function created(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isStorageStatus(error, 404, 409, 412)) return false;
    throw error;
  }
}
