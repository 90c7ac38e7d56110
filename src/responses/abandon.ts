import type { Images } from '../artifacts/images.ts';
import type { Directory } from '../chains/directory.ts';
import type { Payloads } from '../chains/payloads.ts';
import type { ChainRecord } from '../chains/record.ts';
import { forgetEmptyChain } from '../chains/removal.ts';
import type { ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import type { Log } from '../platform/log.ts';
import type { ServiceClient } from '../upstream/client.ts';

export interface AbandonDeps {
  store: ChainStore;
  directory: Directory;
  payloads: Pick<Payloads, 'remove'>;
  images: Pick<Images, 'remove'>;
  service: Pick<ServiceClient, 'deleteResponse'>;
  log: Log;
}

/** Takes back what a turn has left behind when its record was refused because its parent is gone. */
export type Abandon = (record: ChainRecord, reason: unknown) => Promise<void>;

export function createAbandon(deps: AbandonDeps): Abandon {
  return async (record, reason) => {
    // Any other failure is ambiguous: the record may have been written, and what it names must stay.
    if (!(reason instanceof GatewayError && reason.kind === 'parent_not_found')) return;
    const work = [
      deps.payloads.remove(record),
      deps.images.remove(record),
      ...(record.service === undefined ? [] : [deps.service.deleteResponse(record.service.id)]),
      forgetEmptyChain(deps, record),
    ];
    for (const result of await Promise.allSettled(work)) {
      if (result.status === 'rejected')
        deps.log.cleanUpFailed({ responseId: record.id, what: 'abandoned-turn', error: result.reason });
    }
  };
}
