import type { Database } from './database.ts';

/** Content of files in parts, so that a large upload is never held as one piece. */
export interface Parts {
  add(owner: string, part: number, bytes: Uint8Array): void;
  read(owner: string): Uint8Array;
  copy(from: string, to: string): void;
  move(from: string, to: string): void;
  delete(owner: string): void;
}

export function openParts(database: Database): Parts {
  const { sql } = database;
  const insert = sql.prepare('INSERT INTO parts (owner, part, bytes) VALUES (?, ?, ?)');
  const select = sql.prepare('SELECT bytes FROM parts WHERE owner = ? ORDER BY part');
  return {
    add: (owner, part, bytes) => void insert.run(owner, part, bytes),
    read: (owner) =>
      Buffer.concat(
        select.all(owner).map(({ bytes }) => {
          if (!(bytes instanceof Uint8Array)) throw new TypeError('A part of a file holds no bytes.');
          return bytes;
        }),
      ),
    copy: (from, to) =>
      void sql
        .prepare('INSERT INTO parts (owner, part, bytes) SELECT ?, part, bytes FROM parts WHERE owner = ?')
        .run(to, from),
    move: (from, to) => void sql.prepare('UPDATE parts SET owner = ? WHERE owner = ?').run(to, from),
    delete: (owner) => void sql.prepare('DELETE FROM parts WHERE owner = ?').run(owner),
  };
}
