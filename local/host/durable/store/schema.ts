import { DatabaseSync } from 'node:sqlite';

/** Goes up with every change to the tables. */
const SCHEMA_VERSION = 1;
/** A host that is just stopping may hold the file for two seconds more. */
const BUSY_TIMEOUT_MS = 3_000;

const TABLES = `
  CREATE TABLE instances (
    instance_id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT,
    input TEXT, output TEXT, custom_status TEXT, status TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    parent_instance_id TEXT, parent_execution_id TEXT, parent_task_id INTEGER
  );
  CREATE INDEX instances_by_status ON instances (status, instance_id);
  -- One row for the events of one turn; position is that of the first.
  CREATE TABLE history (
    instance_id TEXT NOT NULL, position INTEGER NOT NULL, events TEXT NOT NULL,
    PRIMARY KEY (instance_id, position)
  ) WITHOUT ROWID;
  CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT,
    visible_at INTEGER NOT NULL, event TEXT NOT NULL
  );
  CREATE INDEX inbox_by_instance ON inbox (instance_id, visible_at);
  CREATE TABLE tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT NOT NULL,
    task_id INTEGER NOT NULL, name TEXT NOT NULL, input TEXT, http_request TEXT
  );
  CREATE INDEX tasks_by_instance ON tasks (instance_id);`;

/**
 * Opens (or makes) the file of a task hub, for this process alone.
 * @throws Error when another host has it open, or another version of this host has written it
 */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Two engines on one hub would run everything twice.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    // NORMAL survives a killed process, though not a power cut: fair for a development host.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    database.exec('BEGIN IMMEDIATE');
    migrate(database, file);
    database.exec('COMMIT');
  } catch (error) {
    database.close();
    if (error instanceof Error && /database is locked|busy/i.test(error.message)) {
      throw new Error(`Another host is using the task hub ${file}: stop it, or give this one another hubName.`, {
        cause: error,
      });
    }
    throw error;
  }
  return database;
}

function migrate(database: DatabaseSync, file: string): void {
  const version = database.prepare('PRAGMA user_version').get()?.user_version;
  if (version === SCHEMA_VERSION) return;
  if (version !== 0) {
    throw new Error(`The task hub ${file} was written by another version of this host. Delete it to start anew.`);
  }
  database.exec(TABLES);
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}
