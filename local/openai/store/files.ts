import type { Clock } from '../clock.ts';
import { integer, text, type Database } from './database.ts';
import type { Parts } from './parts.ts';

export interface FileRecord {
  id: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  expiresAt: number | null;
  filename: string;
  purpose: string;
  bytes: number;
}

/** The uploaded files of the resource. An expired file is unknown. */
export interface Files {
  add(file: FileRecord): void;
  get(id: string): FileRecord | undefined;
  content(id: string): Uint8Array;
  /** Oldest first. */
  all(): FileRecord[];
  delete(id: string): void;
  clear(): void;
}

export function openFiles(database: Database, parts: Parts, clock: Clock): Files {
  const { sql } = database;
  const live = (file: FileRecord) => file.expiresAt === null || clock.now() < file.expiresAt;
  return {
    add: ({ id, createdAt, expiresAt, filename, purpose, bytes }) =>
      void sql
        .prepare('INSERT INTO files (id, created, expires, filename, purpose, bytes) VALUES (?, ?, ?, ?, ?, ?)')
        .run(id, createdAt, expiresAt, filename, purpose, bytes),
    get(id) {
      const row = sql.prepare('SELECT * FROM files WHERE id = ?').get(id);
      const file = row && read(row);
      return file && live(file) ? file : undefined;
    },
    content: (id) => parts.read(id),
    all: () => sql.prepare('SELECT * FROM files ORDER BY created, rowid').all().map(read).filter(live),
    delete(id) {
      sql.prepare('DELETE FROM files WHERE id = ?').run(id);
      parts.delete(id);
    },
    clear: () => sql.exec('DELETE FROM files; DELETE FROM parts'),
  };
}

function read(row: Record<string, unknown>): FileRecord {
  return {
    id: text(row, 'id'),
    createdAt: integer(row, 'created'),
    expiresAt: row.expires === null ? null : integer(row, 'expires'),
    filename: text(row, 'filename'),
    purpose: text(row, 'purpose'),
    bytes: integer(row, 'bytes'),
  };
}
