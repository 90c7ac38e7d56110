import { GatewayError, notFound } from '../errors.ts';
import type { ChainRecord } from './record.ts';
import { isLive } from './status.ts';
import { parentNotFound, type ChainStore } from './store.ts';

/** Owner of documents that every authenticated caller may read and continue, and nobody may delete (`DOCUMENTS_OWNER=*`). */
export const EVERYBODY = '*';

const mayRead = (record: ChainRecord, owner: string): boolean =>
  record.status !== 'deleted' && (record.owner === owner || record.owner === EVERYBODY);

/** The caller's record, or one that is everybody's. A foreign, unknown or deleted id gives the same 404. */
export async function readable(store: ChainStore, owner: string, id: string): Promise<ChainRecord> {
  const record = await store.read(id);
  if (record === undefined || !mayRead(record, owner)) throw notFound('Response', id);
  return record;
}

/** The caller's own record: what is everybody's may be read and continued, not changed. */
export async function owned(store: ChainStore, owner: string, id: string): Promise<ChainRecord> {
  const record = await readable(store, owner, id);
  if (record.owner !== owner) {
    throw new GatewayError(
      'forbidden',
      `Response '${id}' belongs to everybody; it cannot be changed or deleted through the API.`,
    );
  }
  return record;
}

/** Like {@link owned}, but also the tombstone of the caller's own record: to delete it once more. */
export async function buriedOrOwned(store: ChainStore, owner: string, id: string): Promise<ChainRecord> {
  const record = await store.read(id);
  if (record?.status === 'deleted' && record.owner === owner) return record;
  return owned(store, owner, id);
}

/**
 * The record a new turn continues.
 * @throws `parent_not_found` for one that is unknown, foreign or deleted; `parent_not_finished` while it runs.
 */
export async function parentOf(store: ChainStore, owner: string, id: string): Promise<ChainRecord> {
  const record = await store.read(id);
  if (record === undefined || !mayRead(record, owner)) {
    throw parentNotFound(id);
  }
  if (isLive(record.status)) {
    throw new GatewayError(
      'parent_not_finished',
      `Previous response '${id}' is still ${record.status}. Wait until it has ended, then continue it.`,
      { param: 'previous_response_id' },
    );
  }
  return record;
}
