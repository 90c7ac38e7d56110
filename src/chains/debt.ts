import { newResponseId } from '../platform/ids.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { ServiceClient } from '../upstream/client.ts';
import { tombstone } from './deletion.ts';
import type { ChainRecord, ServiceReference } from './record.ts';
import type { ChainStore } from './store.ts';

export interface DebtDeps {
  store: Pick<ChainStore, 'create' | 'remove'>;
  service: Pick<ServiceClient, 'cancelResponse' | 'deleteResponse'>;
  log: Log;
}

/**
 * Stops and deletes at the service what a turn has there and no record will ever name: it lost a race, or its chain was deleted.
 * A debt names it from before the first try until it is gone; what fails now is tried again by maintenance.
 */
export async function takeBack(deps: DebtDeps, record: ChainRecord, service: ServiceReference): Promise<void> {
  const failed = (error: unknown): undefined => {
    deps.log.cleanUpFailed({ ...originOf(record), what: 'take-back', error });
  };
  const debt = await deps.store.create(debtOf(record, service)).catch(failed);
  try {
    // Refused for a run that has ended; the deletion is what counts.
    if (record.background) await deps.service.cancelResponse(service.id).catch(() => undefined);
    await deps.service.deleteResponse(service.id);
    if (debt !== undefined) await deps.store.remove(debt);
  } catch (error) {
    failed(error);
  }
}

/** Like the tombstone of a chain that goes as a whole, but of no response: nobody ever sees it. */
const debtOf = (record: ChainRecord, service: ServiceReference): ChainRecord => ({
  ...tombstone(record),
  id: newResponseId(record.chainId),
  kind: 'debt',
  parentId: null,
  depth: 0,
  service,
  pending: ['service'],
  leaves: true,
});
