import { Images } from '../artifacts/images.ts';
import { createAccept, type Accept } from '../background/accept.ts';
import { createAdvance, type Advance } from '../background/advance.ts';
import { createCancelRun } from '../background/cancel.ts';
import { createSubmit } from '../background/submit.ts';
import { createFindItem } from '../chains/find-item.ts';
import { createDeleteRecord } from '../chains/deletion.ts';
import { Directory } from '../chains/directory.ts';
import { Payloads } from '../chains/payloads.ts';
import { createRebuildInput } from '../chains/rebuild.ts';
import { ChainStore } from '../chains/store.ts';
import { createContainers, type Containers } from '../containers/containers.ts';
import { createBrowseFiles, type BrowseFiles } from '../files/browse.ts';
import { createUploadFile, type UploadFile } from '../files/upload.ts';
import { createDocuments, type Documents } from '../documents/documents.ts';
import { createForgetFile } from '../files/forget.ts';
import type { AnswerDeps } from '../http/answer.ts';
import { createIdentify } from '../http/caller.ts';
import { createAsk } from '../responses/ask.ts';
import { createCancel, type Cancel } from '../responses/cancel.ts';
import { createPlain, type CreatePlain } from '../responses/create.ts';
import { createContextCalls, type ContextCalls } from '../responses/context-calls.ts';
import { createInputItems, type InputItems } from '../responses/input-items.ts';
import { createList, type List } from '../responses/list.ts';
import { createFinish } from '../responses/finish.ts';
import { createPrepare, type Prepare } from '../responses/prepare.ts';
import { createPresent } from '../responses/present.ts';
import { createResolveReferences } from '../responses/references.ts';
import { createRemove, type Remove } from '../responses/remove.ts';
import { createRetrieve, type Retrieve } from '../responses/retrieve.ts';
import { createStream, type CreateStream } from '../responses/stream.ts';
import { ServiceClient } from '../upstream/client.ts';
import { BlobShelf, createBlobService } from './blobs.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { openCosmos } from './cosmos.ts';
import { createCredential, createOpenAIToken } from './credential.ts';
import { TTL_MARGIN_DAYS } from './limits.ts';
import { createLog } from './log.ts';

/** Everything the doors call. */
export interface Services {
  http: AnswerDeps;
  responses: {
    prepare: Prepare;
    create: CreatePlain;
    stream: CreateStream;
    retrieve: Retrieve;
    remove: Remove;
    cancel: Cancel;
    list: List;
    inputItems: InputItems;
    contextCalls: ContextCalls;
  };
  background: { accept: Accept; advance: Advance };
  files: BrowseFiles & { upload: UploadFile };
  containers: Containers;
  models: { service: Pick<ServiceClient, 'json'>; allowed: readonly string[] };
  documents: Documents;
}

const DAY_SECONDS = 24 * 3600;

/** The one composition point: clients, clock and log are made here, once, and handed to the rooms. */
export function createServices(config: Config): Services {
  const clock = systemClock;
  const log = createLog();
  const credential = createCredential(config);
  const cosmos = openCosmos(config, credential);
  const blobs = createBlobService(config, credential);
  const service = new ServiceClient(config, createOpenAIToken(config, credential));

  const payloads = new Payloads(new BlobShelf(blobs, 'payloads'));
  const store = new ChainStore(cosmos.chains, payloads, clock);
  const directory = new Directory(cosmos.directory, clock);
  const images = new Images(new BlobShelf(blobs, 'images'));

  const ttlSeconds = (config.retentionDays + TTL_MARGIN_DAYS) * DAY_SECONDS;
  const endpoint = service.endpoint;
  const fileShelf = new BlobShelf(blobs, 'files');
  const resolveReferences = createResolveReferences({
    directory,
    findItem: createFindItem(store),
    files: fileShelf,
    allowedVectorStores: config.allowedVectorStores,
  });
  const rebuildInput = createRebuildInput({
    store,
    putImagesBack: images.putBack.bind(images),
    resolve: resolveReferences,
    endpoint,
  });
  const ask = createAsk({ clock, endpoint, rebuildInput });
  const finish = createFinish({ endpoint, images });
  const present = createPresent({ store, images });
  const prepare = createPrepare({
    store,
    clock,
    resolveReferences,
    allowedModels: config.allowedModels,
    images: { default: config.openai.imageDeployment, allowed: config.openai.allowedImageDeployments },
    ttlSeconds,
  });
  const create = createPlain({ store, directory, service, ask, finish, log });
  const submit = createSubmit({ store, service, ask, resolveReferences, clock, log });
  const forgetFile = createForgetFile({ directory, shelf: fileShelf, service });
  const removeImages = images.remove.bind(images);
  const deleteRecord = createDeleteRecord({ store, payloads, removeImages, forgetFile, service, log });
  const advance = createAdvance({ store, service, submit, finish, clock, polling: config.polling, log });
  const cancelRun = createCancelRun({ store, service, log });
  const shared = { config, clock, log, directory, store, service, blobs, ttlSeconds };

  return {
    http: { identify: createIdentify(config.auth), log, publicBaseUrl: config.publicBaseUrl },
    responses: {
      prepare,
      create,
      stream: createStream({ store, directory, service, ask, finish, log, clock, createPlain: create }),
      retrieve: createRetrieve({ store, present, service }),
      list: createList({ store, present }),
      inputItems: createInputItems({ store }),
      contextCalls: createContextCalls({ store, service, ask, resolveReferences }),
      remove: createRemove({ store, deleteRecord }),
      cancel: createCancel({ store, present, cancelRun }),
    },
    background: {
      accept: createAccept({ store, directory, submit, present, log }),
      advance,
    },
    files: {
      ...createBrowseFiles({ directory, shelf: fileShelf, service }),
      upload: createUploadFile({ directory, shelf: fileShelf, service, clock, ttlSeconds }),
    },
    containers: createContainers({ directory, service, clock }),
    models: { service, allowed: config.allowedModels },
    documents: createDocuments({ ...shared, prepare, advanceResponse: advance, cancelRun, forgetFile }),
  };
}
