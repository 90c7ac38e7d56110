import type { Clock } from '../clock.ts';
import { CONTAINER_LIFE_MS } from '../limits.ts';
import { integer, text, type Database } from './database.ts';
import type { Parts } from './parts.ts';

export interface ContainerRecord {
  id: string;
  createdAt: number;
  activeAt: number;
  idleMinutes: number;
  name: string;
  memory: string;
}

export interface ContainerFile {
  id: string;
  containerId: string;
  createdAt: number;
  filename: string;
  source: 'user' | 'assistant';
  bytes: number;
}

/** The code-interpreter sessions of the resource and the files inside them. */
export interface ContainerStore {
  add(container: ContainerRecord): void;
  get(id: string): ContainerRecord | undefined;
  /** Whether the session has ended: one hour, or its idle time without use. */
  isExpired(container: ContainerRecord): boolean;
  touch(id: string): void;
  all(): ContainerRecord[];
  delete(id: string): void;
  addFile(file: ContainerFile): void;
  file(containerId: string, fileId: string): ContainerFile | undefined;
  files(containerId: string): ContainerFile[];
  content(fileId: string): Uint8Array;
  deleteFile(fileId: string): void;
  clear(): void;
}

export function openContainers(database: Database, parts: Parts, clock: Clock): ContainerStore {
  const { sql } = database;
  const deleteFile = (fileId: string) => {
    sql.prepare('DELETE FROM container_files WHERE id = ?').run(fileId);
    parts.delete(fileId);
  };
  const files = (containerId: string) =>
    sql.prepare('SELECT * FROM container_files WHERE container = ? ORDER BY rowid').all(containerId).map(readFile);
  return {
    add: ({ id, createdAt, activeAt, idleMinutes, name, memory }) =>
      void sql
        .prepare('INSERT INTO containers (id, created, active, idle_minutes, name, memory) VALUES (?, ?, ?, ?, ?, ?)')
        .run(id, createdAt, activeAt, idleMinutes, name, memory),
    get(id) {
      const row = sql.prepare('SELECT * FROM containers WHERE id = ?').get(id);
      return row && readContainer(row);
    },
    isExpired: ({ createdAt, activeAt, idleMinutes }) =>
      clock.now() >= Math.min(createdAt + CONTAINER_LIFE_MS, activeAt + idleMinutes * 60_000),
    touch: (id) => void sql.prepare('UPDATE containers SET active = ? WHERE id = ?').run(clock.now(), id),
    all: () => sql.prepare('SELECT * FROM containers ORDER BY created, rowid').all().map(readContainer),
    delete(id) {
      for (const file of files(id)) deleteFile(file.id);
      sql.prepare('DELETE FROM containers WHERE id = ?').run(id);
    },
    addFile: ({ id, containerId, createdAt, filename, source, bytes }) =>
      void sql
        .prepare(
          'INSERT INTO container_files (id, container, created, filename, source, bytes) VALUES (?, ?, ?, ?, ?, ?)',
        )
        .run(id, containerId, createdAt, filename, source, bytes),
    file(containerId, fileId) {
      const row = sql.prepare('SELECT * FROM container_files WHERE id = ? AND container = ?').get(fileId, containerId);
      return row && readFile(row);
    },
    files,
    content: (fileId) => parts.read(fileId),
    deleteFile,
    clear: () => sql.exec('DELETE FROM containers; DELETE FROM container_files'),
  };
}

function readContainer(row: Record<string, unknown>): ContainerRecord {
  return {
    id: text(row, 'id'),
    createdAt: integer(row, 'created'),
    activeAt: integer(row, 'active'),
    idleMinutes: integer(row, 'idle_minutes'),
    name: text(row, 'name'),
    memory: text(row, 'memory'),
  };
}

function readFile(row: Record<string, unknown>): ContainerFile {
  return {
    id: text(row, 'id'),
    containerId: text(row, 'container'),
    createdAt: integer(row, 'created'),
    filename: text(row, 'filename'),
    source: text(row, 'source') === 'user' ? 'user' : 'assistant',
    bytes: integer(row, 'bytes'),
  };
}
