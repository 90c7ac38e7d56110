import type { BlobServiceClient } from '@azure/storage-blob';
import type { CancelRun } from '../background/cancel.ts';
import type { Progress } from '../background/progress.ts';
import type { Directory } from '../chains/directory.ts';
import type { ChainStore } from '../chains/store.ts';
import type { ForgetFile } from '../files/forget.ts';
import { BlobShelf, type BlobContainer } from '../platform/blobs.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { Log } from '../platform/log.ts';
import type { Prepare } from '../responses/prepare.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { createAdvanceDocument } from './advance.ts';
import { createAnalysis } from './analyse.ts';
import { createBrowseDocuments, type BrowseDocuments } from './browse.ts';
import { createCancelDocument, type CancelDocument } from './cancel.ts';
import { createDriveDocument, type DriveDocument } from './drive.ts';
import { DocumentEntries } from './entries.ts';
import { createTakeIn, type TakeIn } from './intake.ts';
import { createTakePoisoned, type TakePoisoned } from './poison.ts';
import { Reader } from './reading/reader.ts';
import { createReconcileDocuments, type ReconcileDocuments } from './reconcile.ts';
import { createReplayDocument, type ReplayDocument } from './replay.ts';
import { ResultShelf } from './results.ts';
import { SourceShelf } from './source.ts';
import { createUploadDocument } from './upload.ts';
import { createReadWishes } from './wishes.ts';

export interface DocumentsDeps {
  config: Config;
  clock: Clock;
  log: Log;
  directory: Directory;
  store: ChainStore;
  prepare: Prepare;
  advanceResponse: (id: string) => Promise<Progress>;
  cancelRun: CancelRun;
  service: ServiceClient;
  forgetFile: ForgetFile;
  blobs: BlobServiceClient;
  ttlSeconds: number;
}

/** Everything the doors of dropped documents call. */
export interface Documents extends BrowseDocuments {
  /** The scanning twin of the trigger is for Development only. */
  scan: boolean;
  takeIn: TakeIn;
  takePoisoned: TakePoisoned;
  drive: DriveDocument;
  replay: ReplayDocument;
  cancel: CancelDocument;
  reconcile: ReconcileDocuments;
}

/** Puts the room together: what its operations share is made here and known nowhere else. */
export function createDocuments(deps: DocumentsDeps): Documents {
  const { config, blobs } = deps;
  const source = new SourceShelf(blobs.getContainerClient('pdfs' satisfies BlobContainer));
  const reader = new Reader();
  const shared = {
    ...deps,
    polling: config.polling,
    retentionDays: config.retentionDays,
    entries: new DocumentEntries({ ...deps, owner: config.documents.owner }),
    source,
    reader,
    results: new ResultShelf(new BlobShelf(blobs, 'analyses'), source),
  };
  const takeIn = createTakeIn(shared);
  const advance = createAdvanceDocument({
    ...shared,
    limits: config.documents,
    readWishes: createReadWishes({
      shelf: source,
      checkSchema: reader.checkSchema.bind(reader),
      defaultModel: config.openai.deployment,
    }),
    upload: createUploadDocument({ ...shared, shelf: new BlobShelf(blobs, 'files') }),
    createAnalysis: createAnalysis(deps),
  });
  return {
    ...createBrowseDocuments(shared),
    scan: config.development,
    takeIn,
    takePoisoned: createTakePoisoned(shared),
    drive: createDriveDocument({ ...shared, advance }),
    replay: createReplayDocument(shared),
    cancel: createCancelDocument({ ...shared, advance }),
    reconcile: createReconcileDocuments({ ...shared, takeIn }),
  };
}
