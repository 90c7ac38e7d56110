import type { Images } from '../artifacts/images.ts';
import type { Directory } from '../chains/directory.ts';
import type { Removal } from '../chains/removal.ts';
import type { ChainStore } from '../chains/store.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { Log } from '../platform/log.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { createCancel, type Cancel, type CancelDeps } from './cancel.ts';
import { createContextCalls, type ContextCalls } from './context-calls.ts';
import { createPlain, type CreatePlain } from './create.ts';
import { createInputItems, type ListInputItems } from './input-items.ts';
import { createList, type List } from './list.ts';
import type { Pipeline } from './pipeline.ts';
import type { Prepare } from './prepare.ts';
import { createRemove, type Remove } from './remove.ts';
import { createRetrieve, type Retrieve } from './retrieve.ts';
import { createStream, type CreateStream } from './stream.ts';

/** The operations of the API on responses. */
export interface Responses {
  prepare: Prepare;
  create: CreatePlain;
  stream: CreateStream;
  retrieve: Retrieve;
  remove: Remove;
  cancel: Cancel;
  list: List;
  inputItems: ListInputItems;
  contextCalls: ContextCalls;
}

export interface ResponsesDeps extends Pipeline {
  config: Pick<Config, 'allowedModels'>;
  store: ChainStore;
  directory: Directory;
  service: ServiceClient;
  clock: Clock;
  streamLimitMs: number;
  log: Log;
  removal: Removal;
  cancelRun: CancelDeps['cancelRun'];
  images: Pick<Images, 'putBack'>;
}

export function createResponses(deps: ResponsesDeps): Responses {
  const create = createPlain(deps);
  return {
    prepare: deps.prepare,
    create,
    stream: createStream({ ...deps, createPlain: create }),
    retrieve: createRetrieve(deps),
    list: createList(deps),
    inputItems: createInputItems(deps),
    contextCalls: createContextCalls(deps),
    remove: createRemove(deps),
    cancel: createCancel(deps),
  };
}
