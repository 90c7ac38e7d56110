import type { Clock } from '../clock.ts';
import { stemOf } from '../ids.ts';
import { RESPONSE_RETENTION_MS } from '../limits.ts';
import { text, integer, type Database } from './database.ts';
import { readRecord, type StoredResponse } from './record.ts';

/** Parsed records kept in memory, so that a long chain costs no parsing; counted in characters of their JSON. */
const CACHE_MAX_CHARACTERS = 16 * 1024 * 1024;

export interface PageRequest {
  after?: string;
  before?: string;
  limit: number;
  order: 'asc' | 'desc';
}

/** The stored responses of the resource. */
export interface Responses {
  get(id: string): StoredResponse | undefined;
  /** The response that an item with an id of ours came from. */
  ofItem(itemId: string): StoredResponse | undefined;
  put(record: StoredResponse): void;
  delete(id: string): void;
  /** Makes the response unknown, for a time or for ever, as if the service had lost it. */
  forget(id: string, milliseconds?: number): void;
  page(request: PageRequest): { records: StoredResponse[]; more: boolean };
  unfinished(): StoredResponse[];
  saveFrames(id: string, frames: readonly string[]): void;
  frames(id: string): string[] | undefined;
  count(): number;
  clear(): void;
}

interface Cached {
  record: StoredResponse;
  /** 0 while the record waits to be written: such a one must stay. */
  characters: number;
}

class ResponseStore implements Responses {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #cache = new Map<string, Cached>();
  readonly #dirty = new Set<string>();
  readonly #hiddenUntil = new Map<string, number>();
  readonly #insert;
  readonly #select;
  readonly #selectByStem;
  #characters = 0;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#insert = database.sql.prepare(
      'INSERT INTO responses (id, status, record) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET status = excluded.status, record = excluded.record',
    );
    this.#select = database.sql.prepare('SELECT record FROM responses WHERE id = ?');
    this.#selectByStem = database.sql.prepare('SELECT record FROM responses WHERE id >= ? AND id < ? LIMIT 1');
  }

  get(id: string): StoredResponse | undefined {
    const until = this.#hiddenUntil.get(id);
    if (until !== undefined) {
      if (this.#clock.now() < until) return undefined;
      this.#hiddenUntil.delete(id);
    }
    const record = this.#cache.get(id)?.record ?? this.#load(this.#select.get(id));
    return record && this.#clock.now() - record.createdAt < RESPONSE_RETENTION_MS ? record : undefined;
  }

  ofItem(itemId: string): StoredResponse | undefined {
    const stem = stemOf(itemId);
    if (stem === undefined) return undefined;
    this.#database.flush();
    const row = this.#selectByStem.get(`resp_${stem}`, `resp_${stem}g`);
    const found = row && readRecord(text(row, 'record'));
    return found && this.get(found.response.id);
  }

  put(record: StoredResponse): void {
    const id = record.response.id;
    const before = this.#cache.get(id);
    if (before) this.#characters -= before.characters;
    this.#cache.set(id, { record, characters: 0 });
    if (this.#dirty.has(id)) return;
    this.#dirty.add(id);
    this.#database.later(() => this.#write(id));
  }

  delete(id: string): void {
    this.#dirty.delete(id);
    this.#uncache(id);
    this.#database.flush();
    this.#database.sql.prepare('DELETE FROM responses WHERE id = ?').run(id);
    this.#database.sql.prepare('DELETE FROM streams WHERE response = ?').run(id);
  }

  forget(id: string, milliseconds?: number): void {
    if (milliseconds === undefined) this.delete(id);
    else this.#hiddenUntil.set(id, this.#clock.now() + milliseconds);
  }

  page({ after, before, limit, order }: PageRequest): { records: StoredResponse[]; more: boolean } {
    this.#database.flush();
    const [from, to] = order === 'asc' ? ['>', '<'] : ['<', '>'];
    const numberOf = '(SELECT number FROM responses WHERE id = ?)';
    const bounds = [
      ...(after === undefined ? [] : [{ sql: `number ${from} ${numberOf}`, id: after }]),
      ...(before === undefined ? [] : [{ sql: `number ${to} ${numberOf}`, id: before }]),
    ];
    const where = bounds.length === 0 ? '' : `WHERE ${bounds.map(({ sql }) => sql).join(' AND ')}`;
    const rows = this.#database.sql
      .prepare(`SELECT id FROM responses ${where} ORDER BY number ${order === 'asc' ? 'ASC' : 'DESC'} LIMIT ?`)
      .all(...bounds.map(({ id }) => id), limit + 1);
    const records = rows.slice(0, limit).map((row) => this.get(text(row, 'id')));
    return { records: records.filter((record) => record !== undefined), more: rows.length > limit };
  }

  unfinished(): StoredResponse[] {
    return this.#database.sql
      .prepare("SELECT record FROM responses WHERE status NOT IN ('completed','failed','incomplete','cancelled')")
      .all()
      .map((row) => readRecord(text(row, 'record')));
  }

  saveFrames(id: string, frames: readonly string[]): void {
    this.#database.later(() => {
      this.#database.sql
        .prepare('INSERT OR REPLACE INTO streams (response, frames) VALUES (?, ?)')
        .run(id, frames.join('\n'));
    });
  }

  frames(id: string): string[] | undefined {
    this.#database.flush();
    const row = this.#database.sql.prepare('SELECT frames FROM streams WHERE response = ?').get(id);
    return row && text(row, 'frames').split('\n');
  }

  count(): number {
    this.#database.flush();
    const row = this.#database.sql.prepare('SELECT count(*) AS n FROM responses').get();
    return row ? integer(row, 'n') : 0;
  }

  clear(): void {
    this.#database.flush();
    this.#cache.clear();
    this.#hiddenUntil.clear();
    this.#characters = 0;
    this.#database.sql.exec('DELETE FROM responses; DELETE FROM streams');
  }

  #load(row: Record<string, unknown> | undefined): StoredResponse | undefined {
    if (!row) return undefined;
    const json = text(row, 'record');
    const record = readRecord(json);
    this.#remember(record, json.length);
    return record;
  }

  #write(id: string): void {
    const cached = this.#cache.get(id);
    if (!this.#dirty.delete(id) || !cached) return;
    const { record } = cached;
    const json = JSON.stringify(record);
    this.#insert.run(id, record.response.status, json);
    this.#remember(record, json.length);
  }

  #remember(record: StoredResponse, characters: number): void {
    this.#uncache(record.response.id);
    this.#cache.set(record.response.id, { record, characters });
    this.#characters += characters;
    for (const [id, oldest] of this.#cache) {
      if (this.#characters <= CACHE_MAX_CHARACTERS) break;
      if (oldest.characters > 0) this.#uncache(id);
    }
  }

  #uncache(id: string): void {
    const cached = this.#cache.get(id);
    if (!cached) return;
    this.#characters -= cached.characters;
    this.#cache.delete(id);
  }
}

export const openResponses = (database: Database, clock: Clock): Responses => new ResponseStore(database, clock);
