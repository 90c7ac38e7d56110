import type { ChainRecord } from '../chains/record.ts';
import { isTerminal } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { advisedMs } from '../upstream/errors.ts';
import { close } from './close.ts';
import type { EndDeps } from './end-of-run.ts';

export interface CancelDeps extends EndDeps {
  store: ChainStore;
  service: Pick<ServiceClient, 'cancelResponse'>;
  log: Log;
}

/** Our own state wins: the record is cancelled first, then the service is told, once. The loop sees to the rest at its next look. */
export type CancelRun = (record: ChainRecord) => Promise<ChainRecord | undefined>;

export function createCancelRun(deps: CancelDeps): CancelRun {
  return async (record) => {
    if (isTerminal(record.status)) return record;
    const closed = await close(deps, record, 'cancelled', null);
    if (closed?.status === 'cancelled' && closed.service !== undefined) await stop(deps, closed, closed.service.id);
    return closed;
  };
}

/** Tells the service to stop a run. Gives how long it wants to be left alone (ms) before it is told again by whoever sees to the end. */
export async function stop(
  { service, log }: Pick<CancelDeps, 'service' | 'log'>,
  record: ChainRecord,
  serviceId: string,
): Promise<number> {
  try {
    await service.cancelResponse(serviceId, { traceparent: record.traceparent, retries: 0 });
    return 0;
  } catch (error) {
    log.cleanUpFailed({ ...originOf(record), what: 'cancel-at-service', error });
    return advisedMs(error);
  }
}
