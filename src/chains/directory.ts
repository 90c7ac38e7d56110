import type { Container, SqlQuerySpec } from '@azure/cosmos';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import { isLostRace, isMissingDocument, queryAll, queryPage } from '../platform/cosmos.ts';
import { sortKey } from '../platform/ids.ts';
import { LostRace } from './store.ts';

/** What every small document of the container `directory` has; partition key `/owner`. */
export interface Entry {
  /** `<kind>:<key>`: one point read for whoever knows the key. */
  id: string;
  owner: string;
  kind: string;
  ttl: number;
  _etag?: string;
}

/** A chain in its owner's list. Fields are only ever set; counts are computed when browsing. */
export interface ChainEntry extends Entry {
  kind: 'chain';
  chainId: string;
  title: string;
  createdAt: number;
  lastTurnAt: number;
  /** Orders the list: the time of the last turn, then the chain. */
  recency: string;
}

export const entryId = (kind: string, key: string): string => `${kind}:${key}`;

/** Small documents by owner: chains, uploaded files, containers, dropped documents, idempotency keys, undelivered webhooks. */
export class Directory {
  readonly #container: Container;
  readonly #clock: Clock;

  constructor(container: Container, clock: Clock) {
    this.#container = container;
    this.#clock = clock;
  }

  async read<T extends Entry>(owner: string, id: string): Promise<T | undefined> {
    const { resource } = await this.#container.item(id, owner).read<T>();
    return resource;
  }

  /** Throws {@link LostRace} when the entry exists. */
  async create<T extends Entry>(entry: T): Promise<T> {
    try {
      const { etag } = await this.#container.items.create<Entry>(entry);
      return { ...entry, _etag: etag };
    } catch (error) {
      throw isLostRace(error) ? new LostRace(`Entry ${entry.id} exists already.`) : error;
    }
  }

  /** Throws {@link LostRace} when the entry has changed since it was read, or is gone. */
  async replace<T extends Entry>(entry: T): Promise<T> {
    try {
      const { etag } = await this.#container
        .item(entry.id, entry.owner)
        .replace<Entry>(entry, { accessCondition: { type: 'IfMatch', condition: entry._etag ?? '' } });
      return { ...entry, _etag: etag };
    } catch (error) {
      throw isLostRace(error) || isMissingDocument(error) ? new LostRace(`Entry ${entry.id} has changed.`) : error;
    }
  }

  async upsert(entry: Entry): Promise<void> {
    await this.#container.items.upsert(entry);
  }

  /** Says whether there was one. */
  async remove(owner: string, id: string): Promise<boolean> {
    try {
      await this.#container.item(id, owner).delete();
      return true;
    } catch (error) {
      if (isMissingDocument(error)) return false;
      throw error;
    }
  }

  /** One page of entries that match; the SQL names entries `c`. Without an owner the query crosses partitions: maintenance only. */
  query<T>(
    spec: SqlQuerySpec,
    options: { owner?: string; continuation?: string; pageSize?: number } = {},
  ): Promise<{ rows: T[]; continuation?: string }> {
    return queryPage(this.#container, spec, { ...options, partitionKey: options.owner });
  }

  /** All entries of one owner that match. */
  queryAll<T>(spec: SqlQuerySpec, owner: string): Promise<T[]> {
    return queryAll(this.#container, spec, owner);
  }

  /** Notes a turn of a chain: makes the entry with the first, moves its time with every further one. One write. Says whether it has made one. */
  async noteTurn(turn: {
    owner: string;
    chainId: string;
    first: boolean;
    title: string;
    ttl: number;
  }): Promise<boolean> {
    const recency = sortKey(this.#clock.now(), turn.chainId);
    const now = unixSeconds(this.#clock);
    const id = entryId('chain', turn.chainId);
    if (!turn.first) {
      try {
        await this.#container.item(id, turn.owner).patch([
          { op: 'set', path: '/lastTurnAt', value: now },
          { op: 'set', path: '/recency', value: recency },
        ]);
        return false;
      } catch (error) {
        // The caller's first turn in a chain that began as somebody else's document: make the entry below.
        if (!isMissingDocument(error)) throw error;
      }
    }
    const entry: ChainEntry = {
      id,
      owner: turn.owner,
      kind: 'chain',
      chainId: turn.chainId,
      title: turn.title,
      createdAt: now,
      lastTurnAt: now,
      recency,
      ttl: turn.ttl,
    };
    await this.upsert(entry);
    return true;
  }
}
