import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integerColumn } from './open.ts';

/** How many numbers one write to the file reserves. A restart skips the unused ones. */
const BLOCK = 1000;

/**
 * The log sequence numbers of one container: each write gets a higher one, also after a restart and after deletes.
 * They order the change feed and are the second half of every `_rid`.
 */
export class Sequence {
  readonly #reserve: StatementSync;
  readonly #container: number;
  #last: number;
  #reserved: number;

  constructor(db: DatabaseSync, container: number) {
    this.#container = container;
    this.#reserve = db.prepare('UPDATE containers SET reserved_lsn = ? WHERE number = ?');
    const row = db.prepare('SELECT reserved_lsn FROM containers WHERE number = ?').get(container);
    this.#last = this.#reserved = integerColumn(row, 'reserved_lsn');
  }

  get last(): number {
    return this.#last;
  }

  next(): number {
    if (this.#last === this.#reserved) {
      this.#reserve.run(this.#reserved + BLOCK, this.#container);
      this.#reserved += BLOCK;
    }
    return ++this.#last;
  }

  /** For a transaction: takes the state now, and gives it back when the transaction is rolled back. */
  mark(): () => void {
    const last = this.#last;
    const reserved = this.#reserved;
    return () => {
      this.#last = last;
      this.#reserved = reserved;
    };
  }
}
