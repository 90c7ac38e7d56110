import type { Images } from '../artifacts/images.ts';
import type { Directory } from '../chains/directory.ts';
import { createFindItem } from '../chains/find-item.ts';
import { createRebuildInput } from '../chains/rebuild.ts';
import type { ChainStore } from '../chains/store.ts';
import type { BlobShelf } from '../platform/blobs.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { createAsk, type Ask } from './ask.ts';
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
}

export interface PipelineDeps {
  config: Config;
  clock: Clock;
  store: ChainStore;
  directory: Directory;
  images: Images;
  /** Our copies of uploads. */
  files: BlobShelf;
  /** The resource that answers. */
  endpoint: string;
  ttlSeconds: number;
}

export function createPipeline(deps: PipelineDeps): Pipeline {
  const { config, store, images, endpoint } = deps;
  const putImagesBack = images.putBack.bind(images);
  const resolveReferences = createResolveReferences({
    ...deps,
    findItem: createFindItem({ store, putImagesBack }),
    allowedVectorStores: config.allowedVectorStores,
  });
  const rebuildInput = createRebuildInput({
    store,
    putImagesBack,
    resolve: resolveReferences,
    endpoint,
  });
  return {
    resolveReferences,
    ask: createAsk({ ...deps, rebuildInput }),
    finish: createFinish(deps),
    present: createPresent(deps),
    prepare: createPrepare({
      ...deps,
      resolveReferences,
      allowedModels: config.allowedModels,
      images: { default: config.openai.imageDeployment, allowed: config.openai.allowedImageDeployments },
    }),
  };
}
