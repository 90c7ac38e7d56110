import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';

/** Raised when the tables below change; an older file is refused, not guessed at. */
const SCHEMA_VERSION = 1;

/** Read through memory mapping: queries over all partitions read much of the file. */
const MAPPED_BYTES = 256 * 1024 * 1024;

/** Numbers are never used twice: they are the root of `_rid` values and of the tables' names. */
const SCHEMA = `
  CREATE TABLE databases (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
  CREATE TABLE containers (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    database INTEGER NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    reserved_lsn INTEGER NOT NULL DEFAULT 0,
    UNIQUE (database, id)
  );
  CREATE TABLE user_functions (container INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (container, id));
  CREATE TABLE offers (container INTEGER PRIMARY KEY, body TEXT NOT NULL);
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Opens the data file and makes its tables if it is new.
 * @throws Error when it cannot be opened, when another process has it open, or when another version wrote it.
 */
export function openDatabase(file: string): DatabaseSync {
  const db = openFile(file);
  try {
    prepareDatabase(db, file);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function openFile(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file);
  } catch (error) {
    throw new Error(`The Cosmos DB stand-in cannot open ${file}: does its folder exist?`, { cause: error });
  }
}

function prepareDatabase(db: DatabaseSync, file: string): void {
  try {
    // One process owns the file. WAL with NORMAL survives a kill of the process; only a power cut may lose the last writes.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    db.exec(`PRAGMA mmap_size = ${MAPPED_BYTES};`);
    db.exec('BEGIN IMMEDIATE; COMMIT;');
  } catch (error) {
    throw new Error(`The Cosmos DB stand-in cannot have ${file} for itself: is another one running on it?`, {
      cause: error,
    });
  }
  const version = integerColumn(db.prepare('PRAGMA user_version').get(), 'user_version');
  if (version === 0) db.exec(SCHEMA);
  else if (version !== SCHEMA_VERSION) {
    throw new Error(`${file} was written by another version of the Cosmos DB stand-in: delete it and start again.`);
  }
}

export type SqlRow = Readonly<Record<string, SQLOutputValue>>;

/** A text column that is never NULL. */
export function textColumn(row: SqlRow | undefined, name: string): string {
  const value = row?.[name];
  if (typeof value !== 'string') throw new TypeError(`Column ${name} holds no text.`);
  return value;
}

/** A number column that is never NULL. */
export function integerColumn(row: SqlRow | undefined, name: string): number {
  const value = row?.[name];
  if (typeof value !== 'number') throw new TypeError(`Column ${name} holds no number.`);
  return value;
}
