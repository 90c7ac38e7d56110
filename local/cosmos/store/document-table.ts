import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integerColumn, textColumn, type SqlRow } from './open.ts';
import { OrderIndexes } from './order-indexes.ts';
import { documentRid, entityTag } from './resource-ids.ts';
import { scanStatement, type Scan, type SortKey } from './scan.ts';
import type { Sequence } from './sequence.ts';

/** Milliseconds since 1970. */
export type Clock = () => number;

/** What a write has to know of the document that is there. */
export interface Head {
  rid: number;
  etag: string;
}

export interface StoredDocument {
  /** The whole document as JSON, system properties included: a read sends it as it is. */
  body: string;
  etag: string;
  lsn: number;
}

export interface NewDocument {
  partition: string;
  id: string;
  /** The item as JSON, without system properties. */
  text: string;
  /** The item's own `ttl`. */
  ttl: number | undefined;
}

export interface ScannedRow {
  rid: number;
  body: string;
  keys: SortKey[];
}

/** Which database and container the rows belong to. */
export interface TableOwner {
  database: number;
  container: number;
  /** `_self` of the container. */
  self: string;
  /** Paths of each unique key. */
  uniqueKeys: readonly (readonly (readonly string[])[])[];
  /** Seconds; -1: only items with a `ttl` of their own expire; undefined: none do. */
  defaultTtl: number | undefined;
}

/** A unique key is violated: the caller answers 409. */
export class UniqueKeyViolation extends Error {}

const columns = `
  rid INTEGER PRIMARY KEY,
  partition TEXT NOT NULL,
  id TEXT NOT NULL,
  lsn INTEGER NOT NULL,
  ts INTEGER NOT NULL,
  ttl INTEGER,
  expires INTEGER,
  etag TEXT NOT NULL,
  body TEXT NOT NULL
`;

const LIVE = '(expires IS NULL OR expires > ?)';

/** The documents of one container. A table of its own: dropping a container is one statement. */
export class DocumentTable {
  readonly #db: DatabaseSync;
  readonly #table: string;
  readonly #owner: TableOwner;
  readonly #sequence: Sequence;
  readonly #clock: Clock;
  readonly #orders: OrderIndexes;
  readonly #statements = new Map<string, StatementSync>();
  #defaultTtl: number | undefined;

  constructor(db: DatabaseSync, owner: TableOwner, sequence: Sequence, clock: Clock) {
    this.#db = db;
    this.#owner = owner;
    this.#sequence = sequence;
    this.#clock = clock;
    this.#defaultTtl = owner.defaultTtl;
    this.#table = `documents_${owner.container}`;
    this.#create();
    this.#orders = new OrderIndexes(db, this.#table);
  }

  #create(): void {
    const table = this.#table;
    this.#db.exec(`
      CREATE TABLE IF NOT EXISTS ${table} (${columns});
      CREATE UNIQUE INDEX IF NOT EXISTS ${table}_id ON ${table} (partition, id);
      CREATE INDEX IF NOT EXISTS ${table}_lsn ON ${table} (lsn);
      CREATE INDEX IF NOT EXISTS ${table}_expires ON ${table} (expires) WHERE expires IS NOT NULL;
    `);
    this.#owner.uniqueKeys.forEach((paths, i) => {
      // A missing value counts as null. Paths were checked when the container was defined.
      const values = paths.map((path) => `coalesce(body -> '$${path.map((name) => `."${name}"`).join('')}', 'null')`);
      this.#db.exec(
        `CREATE UNIQUE INDEX IF NOT EXISTS ${table}_unique_${i} ON ${table} (partition, ${values.join(', ')})`,
      );
    });
  }

  /** Number of the last write, deletes included. */
  get lsn(): number {
    return this.#sequence.last;
  }

  /** Seconds with a fraction, to compare with `expires`. */
  #now(): number {
    return this.#clock() / 1000;
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** A point read: one row of the index, no JSON parsed. */
  read(partition: string, id: string): StoredDocument | undefined {
    const sql = `SELECT body, etag, lsn FROM ${this.#table} WHERE partition = ? AND id = ? AND ${LIVE}`;
    const row = this.#prepare(sql).get(partition, id, this.#now());
    if (!row) return undefined;
    return { body: textColumn(row, 'body'), etag: textColumn(row, 'etag'), lsn: integerColumn(row, 'lsn') };
  }

  head(partition: string, id: string): Head | undefined {
    const sql = `SELECT rid, etag FROM ${this.#table} WHERE partition = ? AND id = ? AND ${LIVE}`;
    const row = this.#prepare(sql).get(partition, id, this.#now());
    return row && { rid: integerColumn(row, 'rid'), etag: textColumn(row, 'etag') };
  }

  /**
   * Writes a document in the place of `existing`, or as a new one. Expired rows in its way are swept first.
   * @throws UniqueKeyViolation
   */
  put(document: NewDocument, existing: Head | undefined): StoredDocument {
    const lsn = this.#sequence.next();
    const rid = existing?.rid ?? lsn;
    const ts = Math.floor(this.#now());
    const etag = entityTag(this.#owner.container, lsn, ts);
    const name = documentRid(this.#owner.database, this.#owner.container, rid);
    const system = {
      _rid: name,
      _self: `${this.#owner.self}docs/${name}/`,
      _etag: etag,
      _attachments: 'attachments/',
      _ts: ts,
    };
    // The item has an id at least, so there is something before the comma.
    const body = `${document.text.slice(0, -1)},${JSON.stringify(system).slice(1)}`;
    const { partition, id, ttl } = document;
    const row = { rid, partition, id, lsn, ts, ttl: ttl ?? null, expires: this.#expiry(ts, ttl), etag, body };
    this.#retryWithoutExpired(() => {
      if (existing) {
        const sql = `UPDATE ${this.#table} SET lsn = :lsn, ts = :ts, ttl = :ttl, expires = :expires, etag = :etag, body = :body WHERE rid = :rid`;
        const { partition: _partition, id: _id, ...changed } = row;
        this.#prepare(sql).run(changed);
      } else {
        const sql = `INSERT INTO ${this.#table} (rid, partition, id, lsn, ts, ttl, expires, etag, body) VALUES (:rid, :partition, :id, :lsn, :ts, :ttl, :expires, :etag, :body)`;
        this.#prepare(sql).run(row);
      }
    });
    return { body, etag, lsn };
  }

  /** An expired document that the sweep has not reached yet must not be in the way of a new one. */
  #retryWithoutExpired(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      if (this.sweep() === 0) throw new UniqueKeyViolation('Unique index constraint violation.', { cause: error });
      this.#retryWithoutExpired(write);
    }
  }

  delete(rid: number): void {
    this.#sequence.next();
    this.#prepare(`DELETE FROM ${this.#table} WHERE rid = ?`).run(rid);
  }

  deletePartition(partition: string): void {
    this.#sequence.next();
    this.#prepare(`DELETE FROM ${this.#table} WHERE partition = ?`).run(partition);
  }

  /** Rows in order, one at a time: whoever has enough stops asking. */
  *scan(scan: Scan): Generator<ScannedRow, void, undefined> {
    this.#orders.ensure(scan.order, scan.partition?.prefix === false);
    const { sql, values } = scanStatement(this.#table, scan, this.#now());
    for (const row of this.#prepare(sql).iterate(...values)) {
      const keys = scan.order.flatMap((_term, i) => [sortKey(row, `key${2 * i}`), sortKey(row, `key${2 * i + 1}`)]);
      yield { rid: integerColumn(row, 'rid'), body: textColumn(row, 'body'), keys };
    }
  }

  /** Documents written after a position, the oldest write first; each only in its last version. */
  *changes(
    after: number,
    sinceSeconds: number,
    partition: string | undefined,
  ): Generator<{ lsn: number; body: string }> {
    const within = partition === undefined ? '' : 'AND partition = ?';
    const sql = `SELECT lsn, body FROM ${this.#table} WHERE lsn > ? AND ts >= ? AND ${LIVE} ${within} ORDER BY lsn`;
    const values = [after, sinceSeconds, this.#now(), ...(partition === undefined ? [] : [partition])];
    for (const row of this.#prepare(sql).iterate(...values)) {
      yield { lsn: integerColumn(row, 'lsn'), body: textColumn(row, 'body') };
    }
  }

  /** Number of live documents, of those whose JSON holds a text if one is given. */
  count(containing = ''): number {
    const sql = `SELECT count(*) AS number FROM ${this.#table} WHERE ${LIVE} AND instr(body, ?) > 0`;
    return integerColumn(this.#prepare(sql).get(this.#now(), containing), 'number');
  }

  /** A changed `defaultTtl` holds for the documents that are there, too. */
  setDefaultTtl(seconds: number | undefined): void {
    this.#defaultTtl = seconds;
    const expires =
      'CASE WHEN :default IS NULL OR coalesce(ttl, :default) = -1 THEN NULL ELSE ts + coalesce(ttl, :default) END';
    const sql = `UPDATE ${this.#table} SET expires = ${expires} WHERE expires IS NOT ${expires}`;
    this.#prepare(sql).run({ default: seconds ?? null });
  }

  #expiry(ts: number, ttl: number | undefined): number | null {
    if (this.#defaultTtl === undefined) return null;
    const seconds = ttl ?? this.#defaultTtl;
    return seconds === -1 ? null : ts + seconds;
  }

  /** Removes what has expired; gives the number of documents removed. */
  sweep(): number {
    const sql = `DELETE FROM ${this.#table} WHERE expires <= ?`;
    return Number(this.#prepare(sql).run(this.#now()).changes);
  }

  drop(): void {
    this.#statements.clear();
    this.#db.exec(`DROP TABLE ${this.#table}`);
  }
}

function sortKey(row: SqlRow, name: string): SortKey {
  const value = row[name];
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new TypeError(`Column ${name} is no sort key.`);
}

/** SQLITE_CONSTRAINT_UNIQUE (sqlite.org/rescode.html). */
const UNIQUE_VIOLATION = 2067;

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === UNIQUE_VIOLATION;
}
