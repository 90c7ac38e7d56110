import type { Log } from '../platform/log.ts';
import type { ServiceClient } from '../upstream/client.ts';
import type { Payloads } from './payloads.ts';
import type { ChainRecord } from './record.ts';
import type { ChainStore } from './store.ts';

export interface DeletionDeps {
  store: ChainStore;
  payloads: Payloads;
  /** Removes the images of a response. */
  removeImages: (turn: ChainRecord) => Promise<number>;
  /** Removes the event log of a streamed background response. */
  removeLog: (turn: ChainRecord) => Promise<boolean>;
  /** Removes a file that was uploaded for one response alone. */
  forgetFile: (owner: string, fileId: string) => Promise<void>;
  service: Pick<ServiceClient, 'cancelResponse' | 'deleteResponse'>;
  log: Log;
}

/** How long a tombstone keeps an id from being mistaken for an unknown one by late writers. */
const TOMBSTONE_SECONDS = 7 * 24 * 3600;

/** A record without content: whoever still writes to it loses the conditional write and cleans up. */
export const tombstone = (record: ChainRecord): ChainRecord => ({
  ...record,
  status: 'deleted',
  preview: '',
  request: { inline: {} },
  input: { inline: [] },
  envelope: { inline: {} },
  output: { inline: [] },
  itemIds: [],
  images: [],
  ttl: TOMBSTONE_SECONDS,
});

/** Makes a record a tombstone, then removes everything that hangs on it. What fails stays named by the tombstone for maintenance. */
export type DeleteRecord = (record: ChainRecord) => Promise<void>;

export function createDeleteRecord(deps: DeletionDeps): DeleteRecord {
  return async (record) => {
    const buried = await deps.store.update(record.id, (now) => (now.status === 'deleted' ? undefined : tombstone(now)));
    await Promise.all([
      attempt(deps, record, 'payloads', () => deps.payloads.remove(record)),
      attempt(deps, record, 'images', () => deps.removeImages(record)),
      ...(record.background && record.streamed
        ? [attempt(deps, record, 'event-log', () => deps.removeLog(record))]
        : []),
      attempt(deps, record, 'service', () => deleteAtService(deps, buried ?? record)),
      ...(record.serviceFiles ?? []).map((fileId) =>
        attempt(deps, record, 'service-file', () => deps.forgetFile(record.owner, fileId)),
      ),
    ]);
  };
}

async function deleteAtService(deps: DeletionDeps, record: ChainRecord): Promise<void> {
  if (record.service === undefined) return;
  const running = record.background && record.run?.submittedAt !== undefined;
  if (running) await deps.service.cancelResponse(record.service.id).catch(() => undefined);
  await deps.service.deleteResponse(record.service.id);
}

async function attempt(
  deps: DeletionDeps,
  record: ChainRecord,
  what: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    deps.log.cleanUpFailed({ responseId: record.id, what, error });
  }
}
