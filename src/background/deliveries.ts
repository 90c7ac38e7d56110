import { entryId, type Directory, type Entry } from '../chains/directory.ts';
import type { ChainRecord, WebhookState } from '../chains/record.ts';
import type { ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import { sortKey } from '../platform/ids.ts';
import type { JsonObject } from '../upstream/wire.ts';

/** How long an undelivered event is listed. */
const ENTRY_SECONDS = 30 * 24 * 3600;

/** An end that its receiver has not taken yet, in its owner's directory. */
interface DeliveryEntry extends Entry {
  kind: 'webhook';
  responseId: string;
  event: string;
  state: 'retrying' | 'given_up';
  attempts: number;
  /** The receiver's last answer; null when there was none. */
  lastStatus: number | null;
  lastAt: number;
  nextAt: number | null;
  /** Orders the list: when the response ended, then its id. It stays what it is over all attempts. */
  sort: string;
}

export interface DeliveriesDeps {
  store: Pick<ChainStore, 'read'>;
  directory: Directory;
  clock: Clock;
}

/** What the receiver of the webhook has not taken. */
export interface Deliveries {
  /** The owner's, newest end first. `after` is the id of the last one of the page before. */
  list(owner: string, page: { limit: number; after?: string }): Promise<{ data: JsonObject[]; hasMore: boolean }>;
  has(record: ChainRecord): Promise<boolean>;
  note(record: ChainRecord, failed: WebhookState, status: number | null): Promise<void>;
  forget(record: ChainRecord): Promise<void>;
}

export function createDeliveries(deps: DeliveriesDeps): Deliveries {
  const { directory, clock } = deps;
  const idOf = (record: ChainRecord): string => entryId('webhook', record.id);
  return {
    async list(owner, { limit, after }) {
      const sort = after === undefined ? undefined : await placeOf(deps.store, owner, after);
      const { rows } = await directory.query<DeliveryEntry>(
        {
          query:
            `SELECT * FROM c WHERE c.kind = "webhook"${sort === undefined ? '' : ' AND c.sort < @sort'} ` +
            'ORDER BY c.sort DESC OFFSET 0 LIMIT @limit',
          parameters: [
            { name: '@limit', value: limit + 1 },
            { name: '@sort', value: sort ?? '' },
          ],
        },
        { owner, pageSize: limit + 1 },
      );
      return { data: rows.slice(0, limit).map(entryView), hasMore: rows.length > limit };
    },
    has: async (record) => (await directory.read(record.owner, idOf(record))) !== undefined,
    note: (record, failed, status) => directory.upsert(entryOf(record, failed, status, unixSeconds(clock))),
    async forget(record) {
      await directory.remove(record.owner, idOf(record));
    },
  };
}

export const eventOf = (record: ChainRecord): string => `response.${record.status}`;

/** How a telling stands, as the owner sees it. */
export const view = (record: ChainRecord, telling: WebhookState): JsonObject => ({
  id: record.id,
  object: 'webhook.delivery',
  event: eventOf(record),
  state: telling.state === 'pending' ? 'retrying' : telling.state,
  attempts: telling.attempts,
});

const entryView = (entry: DeliveryEntry): JsonObject => ({
  id: entry.responseId,
  object: 'webhook.delivery',
  event: entry.event,
  state: entry.state,
  attempts: entry.attempts,
  last_status: entry.lastStatus,
  last_attempt_at: entry.lastAt,
  next_attempt_at: entry.nextAt,
});

/** Where a page begins: known from the response, because what was on the page before may have been delivered meanwhile. */
async function placeOf(store: Pick<ChainStore, 'read'>, owner: string, id: string): Promise<string> {
  const record = await store.read(id);
  const telling = record?.owner === owner ? record.run?.webhook : undefined;
  if (telling !== undefined) return sortKey(telling.endedAt, id);
  throw new GatewayError('invalid_value', "'after' names no entry of this list.", { param: 'after' });
}

const entryOf = (record: ChainRecord, failed: WebhookState, status: number | null, lastAt: number): DeliveryEntry => ({
  id: entryId('webhook', record.id),
  owner: record.owner,
  kind: 'webhook',
  responseId: record.id,
  event: eventOf(record),
  state: failed.state === 'given_up' ? 'given_up' : 'retrying',
  attempts: failed.attempts,
  lastStatus: status,
  lastAt,
  nextAt: failed.state === 'pending' ? Math.floor(failed.nextAt / 1000) : null,
  sort: sortKey(failed.endedAt, record.id),
  ttl: ENTRY_SECONDS,
});
