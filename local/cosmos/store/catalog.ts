import type { DatabaseSync } from 'node:sqlite';
import { parseDefinition, requireResourceId, type Definition } from '../definition.ts';
import { alreadyExists, badRequest, ownerNotFound } from '../errors.ts';
import { isObject, parseObject, property, type JsonObject } from '../json.ts';
import { equalValues } from '../query/values.ts';
import type { Container } from './container.ts';
import { DocumentTable, type Clock } from './document-table.ts';
import { integerColumn, textColumn, type SqlRow } from './open.ts';
import { containerRid, databaseRid, entityTag } from './resource-ids.ts';
import { Sequence } from './sequence.ts';

export interface Database {
  readonly number: number;
  readonly id: string;
  readonly body: JsonObject;
  readonly containers: Map<string, StoredContainer>;
}

interface StoredContainer extends Container {
  body: JsonObject;
  readonly functions: Map<string, string>;
  readonly sequence: Sequence;
}

/** Databases, containers, throughput and functions: in memory for speed, every change written through. */
export class Catalog {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #databases = new Map<string, Database>();
  /** Throughput by the number of the container. */
  readonly #offers = new Map<number, JsonObject>();

  constructor(db: DatabaseSync, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    for (const row of db.prepare('SELECT number, id, body FROM databases ORDER BY number').all()) this.#adopt(row);
    for (const row of db.prepare('SELECT container, body FROM offers').all()) {
      this.#offers.set(integerColumn(row, 'container'), parseObject(textColumn(row, 'body')));
    }
  }

  #adopt(row: SqlRow): void {
    const number = integerColumn(row, 'number');
    const id = textColumn(row, 'id');
    const database = {
      number,
      id,
      body: parseObject(textColumn(row, 'body')),
      containers: new Map<string, StoredContainer>(),
    };
    this.#databases.set(id, database);
    const rows = this.#db.prepare('SELECT number, body FROM containers WHERE database = ? ORDER BY number').all(number);
    for (const found of rows) {
      const body = parseObject(textColumn(found, 'body'));
      this.#open(database, integerColumn(found, 'number'), parseDefinition(body), body);
    }
  }

  get databases(): Iterable<Database> {
    return this.#databases.values();
  }

  /** @throws CosmosError 404 */
  database(id: string): Database {
    const database = this.#databases.get(id);
    if (!database) throw ownerNotFound();
    return database;
  }

  /** @throws CosmosError 404 */
  container(database: string, id: string): Container {
    return this.#container(database, id);
  }

  #container(database: string, id: string): StoredContainer {
    const container = this.#databases.get(database)?.containers.get(id);
    if (!container) throw ownerNotFound();
    return container;
  }

  createDatabase(content: JsonObject): JsonObject {
    const id = property(content, 'id');
    requireResourceId(id);
    if (this.#databases.has(id)) throw alreadyExists();
    const inserted = this.#db.prepare("INSERT INTO databases (id, body) VALUES (?, '')").run(id);
    const number = Number(inserted.lastInsertRowid);
    const rid = databaseRid(number);
    const body = { id, ...this.#system(rid, `dbs/${rid}/`, number), _colls: 'colls/', _users: 'users/' };
    this.#db.prepare('UPDATE databases SET body = ? WHERE number = ?').run(JSON.stringify(body), number);
    this.#databases.set(id, { number, id, body, containers: new Map() });
    return body;
  }

  deleteDatabase(id: string): void {
    const database = this.database(id);
    for (const container of [...database.containers.values()]) this.deleteContainer(id, container.id);
    this.#db.prepare('DELETE FROM databases WHERE number = ?').run(database.number);
    this.#databases.delete(id);
  }

  createContainer(databaseId: string, content: JsonObject): Container {
    const database = this.database(databaseId);
    const definition = parseDefinition(content);
    if (database.containers.has(definition.id)) throw alreadyExists();
    const inserted = this.#db
      .prepare("INSERT INTO containers (database, id, body) VALUES (?, ?, '')")
      .run(database.number, definition.id);
    const number = Number(inserted.lastInsertRowid);
    const { rid, self } = addressOf(database, number);
    const body = { ...definition.body, ...this.#system(rid, self, number), _docs: 'docs/' };
    this.#save(number, body);
    return this.#open(database, number, definition, body);
  }

  #open(database: Database, number: number, definition: Definition, body: JsonObject): StoredContainer {
    const { rid, self } = addressOf(database, number);
    const owner = {
      database: database.number,
      container: number,
      self,
      uniqueKeys: definition.uniqueKeys,
      defaultTtl: definition.defaultTtl,
    };
    const functions = this.#db.prepare('SELECT id, body FROM user_functions WHERE container = ?').all(number);
    const sequence = new Sequence(this.#db, number);
    const container: StoredContainer = {
      number,
      database: database.id,
      id: definition.id,
      rid,
      self,
      body,
      partitionPaths: definition.partitionPaths,
      sequence,
      documents: new DocumentTable(this.#db, owner, sequence, this.#clock),
      functions: new Map(functions.map((row) => [textColumn(row, 'id'), textColumn(row, 'body')])),
      compiled: new Map(),
    };
    database.containers.set(definition.id, container);
    return container;
  }

  /** @throws CosmosError 400 when the partition key or a unique key would change: Azure cannot do that either. */
  replaceContainer(database: string, id: string, content: JsonObject): JsonObject {
    const container = this.#container(database, id);
    const definition = parseDefinition(content);
    if (definition.id !== id) throw badRequest('The id of a container cannot change.');
    const before = parseDefinition(container.body);
    if (!equalValues(before.partitionPaths, definition.partitionPaths)) {
      throw badRequest('The partition key of a container cannot change.');
    }
    if (!equalValues(before.uniqueKeys, definition.uniqueKeys)) {
      throw badRequest('The unique keys of a container cannot change.');
    }
    const system = this.#system(container.rid, container.self, container.number);
    container.body = { ...definition.body, ...system, _docs: 'docs/' };
    this.#save(container.number, container.body);
    container.documents.setDefaultTtl(definition.defaultTtl);
    return container.body;
  }

  deleteContainer(databaseId: string, id: string): void {
    const container = this.#container(databaseId, id);
    container.documents.drop();
    for (const table of ['offers', 'user_functions']) {
      this.#db.prepare(`DELETE FROM ${table} WHERE container = ?`).run(container.number);
    }
    this.#db.prepare('DELETE FROM containers WHERE number = ?').run(container.number);
    this.#offers.delete(container.number);
    this.database(databaseId).containers.delete(id);
  }

  #save(number: number, body: JsonObject): void {
    this.#db.prepare('UPDATE containers SET body = ? WHERE number = ?').run(JSON.stringify(body), number);
  }

  #system(rid: string, self: string, number: number): JsonObject {
    const ts = Math.floor(this.#clock() / 1000);
    return { _rid: rid, _self: self, _etag: entityTag(number, this.#clock() % 2 ** 32, ts), _ts: ts };
  }

  setFunction(container: Container, id: string, source: string): void {
    const sql = 'INSERT OR REPLACE INTO user_functions (container, id, body) VALUES (?, ?, ?)';
    this.#db.prepare(sql).run(container.number, id, source);
    this.#container(container.database, container.id).functions.set(id, source);
    container.compiled.delete(id);
  }

  deleteFunction(container: Container, id: string): void {
    this.#db.prepare('DELETE FROM user_functions WHERE container = ? AND id = ?').run(container.number, id);
    this.#container(container.database, container.id).functions.delete(id);
    container.compiled.delete(id);
  }

  get offers(): JsonObject[] {
    return [...this.#offers.values()];
  }

  /** Notes a container's throughput; nothing is throttled by it. */
  setOffer(container: Container, content: JsonObject): JsonObject {
    const before = this.#offers.get(container.number) ?? {};
    const rid = `offer-${container.number}`;
    const body = {
      offerType: 'Invalid',
      offerVersion: 'V2',
      ...before,
      ...content,
      id: rid,
      resource: container.self,
      offerResourceId: container.rid,
      ...this.#system(rid, `offers/${rid}/`, container.number),
    };
    this.#db
      .prepare('INSERT OR REPLACE INTO offers (container, body) VALUES (?, ?)')
      .run(container.number, JSON.stringify(body));
    this.#offers.set(container.number, body);
    return body;
  }

  /** The container that an offer belongs to. @throws CosmosError 404 */
  offerOwner(offerId: string): Container {
    for (const database of this.#databases.values()) {
      for (const container of database.containers.values()) {
        if (`offer-${container.number}` === offerId && this.#offers.has(container.number)) return container;
      }
    }
    throw ownerNotFound();
  }

  /** Runs operations on one container so that all of them hold or none. */
  atomically<T>(container: Container, run: () => T): T {
    const restore = this.#container(container.database, container.id).sequence.mark();
    this.#db.exec('BEGIN');
    try {
      const result = run();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      restore();
      throw error;
    }
  }

  /** Removes expired documents everywhere. */
  sweep(): void {
    for (const database of this.#databases.values()) {
      for (const container of database.containers.values()) container.documents.sweep();
    }
  }

  close(): void {
    this.#db.close();
  }
}

function addressOf(database: Database, container: number): { rid: string; self: string } {
  const rid = containerRid(database.number, container);
  return { rid, self: `dbs/${databaseRid(database.number)}/colls/${rid}/` };
}

/** The container's indexing policy, as far as it is an object. */
export function indexingPolicy(container: Container): JsonObject {
  const policy = property(container.body, 'indexingPolicy');
  return isObject(policy) ? policy : {};
}
