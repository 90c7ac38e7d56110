import { BulkOperationType, type Container, type JSONObject, type SqlQuerySpec } from '@azure/cosmos';
import * as z from 'zod';
import { GatewayError } from '../errors.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import { isLostRace, isMissingDocument, queryAll, queryPage } from '../platform/cosmos.ts';
import { chainOf } from '../platform/ids.ts';
import { isObject } from '../upstream/wire.ts';
import type { Payloads } from './payloads.ts';
import type { ChainRecord, Part } from './record.ts';

/** A conditional write lost to another writer; read again and decide anew. */
export class LostRace extends Error {
  override readonly name = 'LostRace';
}

/** A record is made of JSON only; the client's type for it wants to hear so. */
const jsonDocument = z.custom<JSONObject>(isObject);

/** The same answer for a parent that is unknown, foreign or deleted. */
export const parentNotFound = (id: string): GatewayError =>
  new GatewayError('parent_not_found', `Previous response with id '${id}' not found.`, {
    param: 'previous_response_id',
  });

/** How often {@link ChainStore.update} starts over before it gives up: a storm of writers on one record is a fault. */
const UPDATE_ATTEMPTS = 12;

/** The next form of a record; undefined to leave it as it is. */
type Change = (record: ChainRecord) => ChainRecord | undefined;

/** Reads and writes records and compares ETags. Rules live beside it: `status.ts`, the operations. */
export class ChainStore {
  readonly #container: Container;
  readonly #payloads: Payloads;
  readonly #clock: Clock;

  constructor(container: Container, payloads: Payloads, clock: Clock) {
    this.#container = container;
    this.#payloads = payloads;
    this.#clock = clock;
  }

  /** One point read. Undefined for an id this gateway cannot have made, or has no record of. */
  async read(id: string): Promise<ChainRecord | undefined> {
    const chainId = chainOf(id);
    if (chainId === undefined) return undefined;
    const { resource } = await this.#container.item(id, chainId).read<ChainRecord>();
    return resource;
  }

  /**
   * Writes a new record.
   * @throws {@link LostRace} when the id is taken; `parent_not_found` when its parent was deleted meanwhile, and then
   * nothing is written.
   */
  async create(record: ChainRecord): Promise<ChainRecord> {
    const document = await this.#payloads.fit(record);
    try {
      return await (record.parentId === null
        ? this.#createRoot(document)
        : this.#createChild(document, record.parentId));
    } catch (error) {
      if (error instanceof GatewayError && error.kind === 'parent_not_found') throw error;
      const written = await this.#written(document);
      if (written === undefined) throw error;
      return written;
    }
  }

  /** The record, when it was written although its answer was lost, or a repeated write has met its own first try. */
  async #written({ id, requestId, createdAt }: ChainRecord): Promise<ChainRecord | undefined> {
    try {
      const there = await this.read(id);
      return there?.requestId === requestId && there.createdAt === createdAt ? there : undefined;
    } catch {
      // The store is out: the error of the write tells so.
      return undefined;
    }
  }

  async #createRoot(document: ChainRecord): Promise<ChainRecord> {
    try {
      const { etag } = await this.#container.items.create<ChainRecord>(document);
      return { ...document, _etag: etag };
    } catch (error) {
      throw isLostRace(error) ? new LostRace(`Record ${document.id} exists already.`) : error;
    }
  }

  /** In one transaction with a look at the parent: a turn is never left behind in a chain that is being deleted. */
  async #createChild(document: ChainRecord, parentId: string): Promise<ChainRecord> {
    const { result } = await this.#container.items.batch(
      [
        { operationType: BulkOperationType.Read, id: parentId },
        { operationType: BulkOperationType.Create, resourceBody: jsonDocument.parse(document) },
      ],
      document.chainId,
    );
    const [parent, created] = result ?? [];
    if (parent?.statusCode === 404) throw parentNotFound(parentId);
    if (created?.statusCode === 409) throw new LostRace(`Record ${document.id} exists already.`);
    if (created?.statusCode !== 201) {
      throw new GatewayError('store_unavailable', 'The store is busy. Try again.', { retryAfterSeconds: 1 });
    }
    if (parent?.resourceBody?.status === 'deleted') {
      await this.remove(document);
      throw parentNotFound(parentId);
    }
    return { ...document, _etag: created.eTag };
  }

  /** Writes a record that nobody has changed since it was read. Throws {@link LostRace} when somebody has, or it is gone. */
  async replace(record: ChainRecord): Promise<ChainRecord> {
    const document = await this.#payloads.fit({ ...record, updatedAt: unixSeconds(this.#clock) });
    try {
      const { etag } = await this.#container
        .item(record.id, record.chainId)
        .replace<ChainRecord>(document, { accessCondition: { type: 'IfMatch', condition: record._etag ?? '' } });
      return { ...document, _etag: etag };
    } catch (error) {
      throw isLostRace(error) || isMissingDocument(error) ? new LostRace(`Record ${record.id} has changed.`) : error;
    }
  }

  /**
   * Changes a record by conditional writes until one wins. `change` sees the newest record and gives the next one,
   * or undefined to leave it as it is.
   * @param known the record as its writer has just seen it, and wants it changed: tried first, which saves a read
   * @returns the record as it stands afterwards, or undefined when there is none.
   */
  async update(id: string, change: Change, known?: ChainRecord): Promise<ChainRecord | undefined> {
    return (await this.tryUpdate(id, change, known)).record;
  }

  /** Like {@link update}, and says whether it was this change that made the record what it is. */
  async tryUpdate(
    id: string,
    change: Change,
    known?: ChainRecord,
  ): Promise<{ record: ChainRecord; changed: boolean } | { record: undefined; changed: false }> {
    for (let attempt = 0; attempt < UPDATE_ATTEMPTS; attempt += 1) {
      const record = attempt === 0 && known !== undefined ? known : await this.read(id);
      if (record === undefined) return { record, changed: false };
      const next = change(record);
      if (next === undefined) return { record, changed: false };
      try {
        return { record: await this.replace(next), changed: true };
      } catch (error) {
        if (!(error instanceof LostRace)) throw error;
        // A short, growing, uneven pause lets one of many writers through.
        await this.#clock.sleep(Math.random() * 10 * 2 ** Math.min(attempt, 6));
      }
    }
    throw new GatewayError(
      'store_unavailable',
      'This response is being changed by too many writers at once. Try again.',
      {
        retryAfterSeconds: 1,
      },
    );
  }

  /** Removes the document itself: only for a record that nobody may have seen, or whose tombstone has served. */
  async remove(record: Pick<ChainRecord, 'id' | 'chainId'>): Promise<void> {
    try {
      await this.#container.item(record.id, record.chainId).delete();
    } catch (error) {
      if (!isMissingDocument(error)) throw error;
    }
  }

  /** Writes a record as it is, so that its TTL starts anew. One that is gone, or is being written, needs that no more. */
  async touch(record: Pick<ChainRecord, 'id' | 'chainId'>): Promise<void> {
    const now = await this.read(record.id);
    if (now === undefined || now.status === 'deleted') return;
    try {
      await this.#container.item(now.id, now.chainId).patch({
        operations: [{ op: 'set', path: '/ttl', value: now.ttl }],
        condition: 'FROM c WHERE c.status != "deleted"',
      });
    } catch (error) {
      if (!isLostRace(error) && !isMissingDocument(error)) throw error;
    }
  }

  /** Every record of a chain, oldest first. */
  chain(chainId: string): Promise<ChainRecord[]> {
    return this.queryAll({ query: 'SELECT * FROM c WHERE c.kind = "response" ORDER BY c.depth' }, chainId);
  }

  /** One page of records that match; the SQL names records `c`. */
  query<T>(
    spec: SqlQuerySpec,
    options: { chainId?: string; continuation?: string; pageSize?: number } = {},
  ): Promise<{ rows: T[]; continuation?: string }> {
    return queryPage(this.#container, spec, { ...options, partitionKey: options.chainId });
  }

  /** All of one chain that matches. */
  queryAll<T>(spec: SqlQuerySpec, chainId: string): Promise<T[]> {
    return queryAll(this.#container, spec, chainId);
  }

  open<T>(part: Part<T>): Promise<T> {
    return this.#payloads.open(part);
  }
}
