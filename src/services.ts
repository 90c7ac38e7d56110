import { createGetImage, type GetImage } from './artifacts/get-image.ts';
import { Images } from './artifacts/images.ts';
import { createBackground, type Background } from './background/background.ts';
import { createBrowseChains, type BrowseChains } from './chains/browse.ts';
import { createDeletion } from './chains/deletion.ts';
import { Directory } from './chains/directory.ts';
import { Payloads } from './chains/payloads.ts';
import { createRemoval, type Removal } from './chains/removal.ts';
import { ChainStore } from './chains/store.ts';
import { createAnswerContainers } from './containers/answer-containers.ts';
import { createContainers, type Containers } from './containers/containers.ts';
import { createDocuments, type Documents } from './documents/documents.ts';
import { createBrowseFiles, type BrowseFiles } from './files/browse.ts';
import { createForgetFile, createSharedFiles } from './files/forget.ts';
import { createUploadFile, type UploadFile } from './files/upload.ts';
import type { AnswerDeps } from './http/answer.ts';
import { createIdentify } from './http/caller.ts';
import { createMaintenance, type Maintenance } from './maintenance/maintenance.ts';
import { createReconcile, type Reconcile } from './maintenance/reconcile.ts';
import { BlobShelf, createBlobService } from './platform/blobs.ts';
import { systemClock, type Clock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import { openCosmos } from './platform/cosmos.ts';
import { createCredential, createOpenAIToken } from './platform/credential.ts';
import { TTL_MARGIN_DAYS } from './platform/limits.ts';
import { createLog, type Log } from './platform/log.ts';
import { createSendOutbound } from './platform/outbound.ts';
import { createOnce, type Once } from './responses/once.ts';
import { createPipeline } from './responses/pipeline.ts';
import { createResponses, type Responses } from './responses/responses.ts';
import { EventLogs } from './streams/log.ts';
import { ServiceClient } from './upstream/client.ts';

/** Everything the doors call. */
export interface Services {
  http: AnswerDeps;
  responses: Responses;
  background: Background;
  once: Once;
  reconcile: Reconcile;
  clock: Clock;
  log: Log;
  files: BrowseFiles & { upload: UploadFile };
  containers: Containers;
  models: { service: Pick<ServiceClient, 'json'>; allowed: readonly string[] };
  documents: Documents;
  chains: BrowseChains & { remove: Removal['chain'] };
  artifacts: { getImage: GetImage };
  maintenance: Maintenance;
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
  const images = new Images(new BlobShelf(blobs, 'images'));
  const files = new BlobShelf(blobs, 'files');
  const shared = {
    config,
    clock,
    log,
    service,
    blobs,
    endpoint: service.endpoint,
    streamLimitMs: config.streamLimitMs,
    store: new ChainStore(cosmos.chains, payloads, clock),
    directory: new Directory(cosmos.directory, clock),
    ttlSeconds: Math.ceil((config.retentionDays + TTL_MARGIN_DAYS) * DAY_SECONDS),
  };

  const answerContainers = createAnswerContainers(shared);
  const pipeline = createPipeline({ ...shared, images, payloads, files, containers: answerContainers });
  const logs = new EventLogs(blobs.getContainerClient('events'), clock);
  const background = createBackground({
    ...shared,
    ...pipeline,
    logs,
    polling: config.polling,
    webhooks: config.webhooks,
    send: createSendOutbound({ allowPrivate: config.webhooks.allowPrivateAddresses }),
  });
  const forgetFile = createForgetFile({ ...shared, shelf: files });
  const removeImages = images.remove.bind(images);
  const deletion = createDeletion({
    ...shared,
    payloads,
    removeImages,
    files: createSharedFiles({ ...shared, shelf: files }),
    containers: answerContainers,
    removeLog: logs.remove.bind(logs),
  });
  const removal = createRemoval({ ...shared, deletion });
  const { advance: advanceResponse, cancelRun } = background;

  const documents = createDocuments({ ...shared, prepare: pipeline.prepare, advanceResponse, cancelRun, forgetFile });

  return {
    http: { identify: createIdentify(config.auth), log, publicBaseUrl: config.publicBaseUrl },
    responses: createResponses({ ...shared, ...pipeline, removal, cancelRun, images }),
    background,
    clock,
    log,
    once: createOnce(shared),
    reconcile: createReconcile({
      ...shared,
      webhooks: config.webhooks,
      advance: advanceResponse,
      reconcileDocuments: documents.reconcile,
    }),
    files: {
      ...createBrowseFiles({ ...shared, shelf: files }),
      upload: createUploadFile({ ...shared, shelf: files }),
    },
    containers: createContainers(shared),
    models: { service, allowed: config.allowedModels },
    documents,
    chains: { ...createBrowseChains(shared), remove: removal.chain.bind(removal) },
    artifacts: { getImage: createGetImage({ ...shared, images }) },
    maintenance: createMaintenance({
      ...shared,
      removal,
      deletion,
      forgetFile,
      retentionSeconds: config.retentionDays * DAY_SECONDS,
    }),
  };
}
