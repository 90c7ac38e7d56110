import type { Images } from '../artifacts/images.ts';
import { takeBack } from '../chains/debt.ts';
import type { Directory } from '../chains/directory.ts';
import type { Payloads } from '../chains/payloads.ts';
import type { ChainRecord } from '../chains/record.ts';
import { forgetEmptyChain } from '../chains/removal.ts';
import { removeUnnamed, type Shared } from '../chains/shared.ts';
import type { ChainStore } from '../chains/store.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { noteContainers } from './note-containers.ts';

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

/**
 * Takes back what an answer has left in the stores and at the service when its record, or its parent's, was deleted meanwhile.
 * Only what it has at the service (`at-service`) when the record of that id is there, and names another answer.
 */
export type Abandon = (record: ChainRecord, what?: 'everything' | 'at-service') => Promise<void>;

export function createAbandon(deps: AbandonDeps): Abandon {
  return async (record, what = 'everything') => {
    const work = [
      ...(what === 'everything'
        ? [deps.payloads.remove(record), deps.images.remove(record), forgetEmptyChain(deps, record)]
        : []),
      ...(record.service === undefined ? [] : [takeBack(deps, record, record.service)]),
      // Noted first: only what is known to be the owner's is removed.
      noteContainers(deps.directory, record).then(() =>
        removeUnnamed(deps.store, deps.containers, record, 'containers'),
      ),
    ];
    for (const result of await Promise.allSettled(work)) {
      if (result.status === 'rejected')
        deps.log.cleanUpFailed({ ...originOf(record), what: 'abandoned-turn', error: result.reason });
    }
  };
}
