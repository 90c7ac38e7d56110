import type { Images } from '../artifacts/images.ts';
import { createFindItem } from '../chains/find-item.ts';
import type { Payloads } from '../chains/payloads.ts';
import { createRebuildInput } from '../chains/rebuild.ts';
import { createRestoreFiles } from '../files/restore.ts';
import type { BlobShelf } from '../platform/blobs.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { createAbandon, type Abandon, type AbandonDeps } from './abandon.ts';
import { createAsk, type Ask } from './ask.ts';
import { fileIdsIn } from './file-ids.ts';
import { createFinish, type Finish } from './finish.ts';
import { createPrepare, type Prepare } from './prepare.ts';
import { createPresent, type Present } from './present.ts';
import { createResolveReferences, type ResolveReferences } from './references.ts';

/** The way of every turn, plain, streamed or in the background: check it, ask the service, put the answer into a record, show it. */
export interface Pipeline {
  prepare: Prepare;
  resolveReferences: ResolveReferences;
  ask: Ask;
  finish: Finish;
  present: Present;
  abandon: Abandon;
}

export interface PipelineDeps extends AbandonDeps {
  config: Config;
  clock: Clock;
  images: Images;
  payloads: Payloads;
  service: ServiceClient;
  /** Our copies of uploads. */
  files: BlobShelf;
  /** The resource that answers. */
  endpoint: string;
  ttlSeconds: number;
}

export function createPipeline(deps: PipelineDeps): Pipeline {
  const { config, store, images, endpoint } = deps;
  const findItem = createFindItem({ store });
  const readImage = images.read.bind(images);
  const resolveReferences = createResolveReferences({
    ...deps,
    findItem,
    readImage,
    allowedVectorStores: config.allowedVectorStores,
  });
  const restoreFiles = createRestoreFiles(deps);
  const rebuildInput = createRebuildInput({
    store,
    findItem,
    readImage,
    resolve: async (owner, body) => {
      await restoreFiles(owner, fileIdsIn(body) ?? []);
      return (await resolveReferences(owner, body)).body;
    },
    endpoint,
  });
  return {
    resolveReferences,
    ask: createAsk({ ...deps, rebuildInput, readImage }),
    finish: createFinish(deps),
    present: createPresent(deps),
    abandon: createAbandon(deps),
    prepare: createPrepare({
      ...deps,
      resolveReferences,
      allowedModels: config.allowedModels,
      images: { default: config.openai.imageDeployment, allowed: config.openai.allowedImageDeployments },
    }),
  };
}
