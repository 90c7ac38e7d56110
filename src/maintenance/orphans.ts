import type { BlobServiceClient } from '@azure/storage-blob';
import type { Directory } from '../chains/directory.ts';
import type { ChainStore } from '../chains/store.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import { isChainId } from '../platform/ids.ts';
import type { Tally } from './tally.ts';

export interface OrphanDeps {
  store: Pick<ChainStore, 'read'>;
  directory: Pick<Directory, 'query'>;
  blobs: BlobServiceClient;
  clock: Clock;
}

/** Containers whose blobs lie under `<chain>/<response>`. */
const CHAIN_CONTAINERS = ['payloads', 'images', 'events'] as const;
/** Our copies of uploads and of dropped documents; their entry names them. */
const FILE_CONTAINER = 'files';
const DOCUMENTS_FOLDER = 'documents/';

/** Blobs are written before the document that names them: younger ones may still be waiting for it. No create takes so long. */
const GRACE_SECONDS = 24 * 3600;

const SLICES = 256;
/** The first characters that the random name of an upload can have (base64url). */
const NAME_BEGINNINGS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Removes blobs that no document names: what a killed process has left behind. Names are random, so each run looks at one of
 * 256 slices of the chains and one of 64 of the uploads, by the hour: the whole store is seen every eleven days, however large it is.
 * At the service nothing is looked for: what no document names there may be anybody's.
 */
export async function removeOrphans(deps: OrphanDeps, tally: Tally): Promise<void> {
  const hour = Math.floor(unixSeconds(deps.clock) / 3600);
  const slice = (hour % SLICES).toString(16).padStart(2, '0');
  await removeOrphansOfChains(deps, slice, tally);
  await removeOrphanedFiles(deps, NAME_BEGINNINGS.charAt(hour % NAME_BEGINNINGS.length), tally);
  await removeOrphanedFiles(deps, `${DOCUMENTS_FOLDER}${slice}`, tally);
}

/** The orphans among the chains whose id begins so. */
async function removeOrphansOfChains(deps: OrphanDeps, prefix: string, tally: Tally): Promise<void> {
  const known = new Map<string, Promise<boolean>>();
  for (const name of CHAIN_CONTAINERS) {
    await removeUnwanted(deps, { name, prefix }, tally, async (blob) => {
      const id = responseIdOf(blob);
      if (id === undefined) return true;
      const wanted = known.get(id) ?? isWanted(deps.store, id);
      known.set(id, wanted);
      return wanted;
    });
  }
}

/** The copies whose name begins so, and that no entry names. */
async function removeOrphanedFiles(deps: OrphanDeps, prefix: string, tally: Tally): Promise<void> {
  await removeUnwanted(deps, { name: FILE_CONTAINER, prefix }, tally, async (blob) => {
    // A folder whose name begins like that of an upload: 'd' is no slice of uploads and all documents besides.
    if (blob.includes('/') !== prefix.includes('/')) return true;
    const { rows } = await deps.directory.query<string>(
      {
        query: 'SELECT TOP 1 VALUE c.id FROM c WHERE c.kind = "file" AND c.blob = @blob',
        parameters: [{ name: '@blob', value: blob }],
      },
      { pageSize: 1 },
    );
    return rows.length > 0;
  });
}

async function removeUnwanted(
  deps: Pick<OrphanDeps, 'blobs' | 'clock'>,
  slice: { name: string; prefix: string },
  tally: Tally,
  wanted: (blob: string) => Promise<boolean>,
): Promise<void> {
  const container = deps.blobs.getContainerClient(slice.name);
  const oldEnough = deps.clock.now() - GRACE_SECONDS * 1000;
  for await (const { name, properties } of container.listBlobsFlat({ prefix: slice.prefix })) {
    if (properties.lastModified.getTime() > oldEnough || (await wanted(name))) continue;
    await tally.count(async () => {
      await container.getBlobClient(name).deleteIfExists();
    });
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
