import { DatabaseSync } from 'node:sqlite';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS responses (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, status TEXT NOT NULL, record TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS streams (response TEXT PRIMARY KEY, frames TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY, created INTEGER NOT NULL, expires INTEGER, filename TEXT NOT NULL, purpose TEXT NOT NULL,
    bytes INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS containers (
    id TEXT PRIMARY KEY, created INTEGER NOT NULL, active INTEGER NOT NULL, idle_minutes INTEGER NOT NULL,
    name TEXT NOT NULL, memory TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS container_files (
    id TEXT PRIMARY KEY, container TEXT NOT NULL, created INTEGER NOT NULL, filename TEXT NOT NULL,
    source TEXT NOT NULL, bytes INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS parts (owner TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (owner, part));
`;

/** A transaction for each write would cost more than the write; a kill loses what came in this time. */
const GATHER_MS = 3;

/** The simulator's memory on disk, and a queue that lets many small writes share one transaction. */
export interface Database {
  readonly sql: DatabaseSync;
  /** Runs the write within {@link GATHER_MS}, together with the others that come until then. */
  later(write: () => void): void;
  /** Runs what is queued now. */
  flush(): void;
  close(): void;
}

/** @param dataFile path of the SQLite file; without one, everything is in memory and goes with the process. */
export function openDatabase(dataFile = ':memory:'): Database {
  const sql = new DatabaseSync(dataFile);
  // A killed process loses nothing that was written; a power cut may, and it is only a simulator.
  sql.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
  sql.exec(SCHEMA);
  let queue: (() => void)[] = [];
  const begin = sql.prepare('BEGIN');
  const commit = sql.prepare('COMMIT');
  let closed = false;
  const flush = () => {
    if (queue.length === 0 || closed) return;
    const writes = queue;
    queue = [];
    begin.run();
    for (const write of writes) write();
    commit.run();
  };
  return {
    sql,
    flush,
    later(write) {
      if (queue.length === 0) setTimeout(flush, GATHER_MS).unref();
      queue.push(write);
    },
    close() {
      flush();
      closed = true;
      sql.close();
    },
  };
}

type Row = Record<string, unknown>;

/** @throws when the column is no text: the file was not written by this program. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`Column ${column} holds no text.`);
  return value;
}

/** @throws when the column is no number. */
export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`Column ${column} holds no number.`);
  return value;
}

/** A value kept under a name, made on first use. */
export function remembered(database: Database, name: string, make: () => string): string {
  const row = database.sql.prepare('SELECT value FROM meta WHERE name = ?').get(name);
  if (row) return text(row, 'value');
  const value = make();
  database.sql.prepare('INSERT INTO meta (name, value) VALUES (?, ?)').run(name, value);
  return value;
}
