import type { BlobServiceClient } from '@azure/storage-blob';
import type { ChainStore } from '../chains/store.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import { isChainId } from '../platform/ids.ts';
import type { Tally } from './tally.ts';

export interface OrphanDeps {
  store: Pick<ChainStore, 'read'>;
  blobs: BlobServiceClient;
  clock: Clock;
}

/** Containers whose blobs lie under `<chain>/<response>`. */
const CONTAINERS = ['payloads', 'images', 'events'] as const;

/** Blobs are written before the record that names them: younger ones may still be waiting for it. */
const GRACE_SECONDS = 24 * 3600;

const SLICES = 256;

/**
 * Removes blobs that no record names: what a killed process has left behind. Chain ids are random, so each run looks at one of
 * 256 slices of them, by the hour: the whole store is seen every eleven days, however large it is.
 */
export async function removeOrphans(deps: OrphanDeps, tally: Tally): Promise<void> {
  const hour = Math.floor(unixSeconds(deps.clock) / 3600);
  await removeOrphansOf(deps, (hour % SLICES).toString(16).padStart(2, '0'), tally);
}

/** The orphans among the chains whose id begins so. */
export async function removeOrphansOf(deps: OrphanDeps, prefix: string, tally: Tally): Promise<void> {
  const oldEnough = deps.clock.now() - GRACE_SECONDS * 1000;
  const known = new Map<string, Promise<boolean>>();
  for (const name of CONTAINERS) {
    const container = deps.blobs.getContainerClient(name);
    for await (const blob of container.listBlobsFlat({ prefix })) {
      const id = responseIdOf(blob.name);
      if (id === undefined || blob.properties.lastModified.getTime() > oldEnough) continue;
      const wanted = known.get(id) ?? isWanted(deps.store, id);
      known.set(id, wanted);
      if (await wanted) continue;
      await tally.count(async () => {
        await container.getBlobClient(blob.name).deleteIfExists();
      });
    }
  }
}

/** `<chain>/<response>/...` and `<chain>/<response>.log`; undefined for a blob that is none of ours. */
function responseIdOf(blob: string): string | undefined {
  const [chainId = '', rest = ''] = blob.split('/');
  return isChainId(chainId) && rest.startsWith(`resp_${chainId}`) ? rest.replace(/\.log$/, '') : undefined;
}

async function isWanted(store: Pick<ChainStore, 'read'>, id: string): Promise<boolean> {
  const record = await store.read(id);
  return record !== undefined && record.status !== 'deleted';
}
