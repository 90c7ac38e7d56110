import type { Images } from '../artifacts/images.ts';
import { takeBack } from '../chains/debt.ts';
import type { Directory } from '../chains/directory.ts';
import type { Payloads } from '../chains/payloads.ts';
import type { ChainRecord } from '../chains/record.ts';
import { forgetEmptyChain } from '../chains/removal.ts';
import { removeUnnamed, type Shared } from '../chains/shared.ts';
import type { ChainStore } from '../chains/store.ts';
import type { Log } from '../platform/log.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { noteContainers } from './keep.ts';

export interface AbandonDeps {
  store: ChainStore;
  directory: Directory;
  payloads: Pick<Payloads, 'remove'>;
  images: Pick<Images, 'remove'>;
  /** Those that the service made for answers. */
  containers: Shared;
  service: Pick<ServiceClient, 'cancelResponse' | 'deleteResponse'>;
  log: Log;
}

/** Takes back what an answer has left in the stores and at the service when its record, or its parent's, was deleted meanwhile. */
export type Abandon = (record: ChainRecord) => Promise<void>;

export function createAbandon(deps: AbandonDeps): Abandon {
  return async (record) => {
    const work = [
      deps.payloads.remove(record),
      deps.images.remove(record),
      ...(record.service === undefined ? [] : [takeBack(deps, record, record.service)]),
      // Noted first: only what is known to be the owner's is removed.
      noteContainers(deps.directory, record).then(() =>
        removeUnnamed(deps.store, deps.containers, record, 'containers'),
      ),
      forgetEmptyChain(deps, record),
    ];
    for (const result of await Promise.allSettled(work)) {
      if (result.status === 'rejected')
        deps.log.cleanUpFailed({ responseId: record.id, what: 'abandoned-turn', error: result.reason });
    }
  };
}
