import type { DatabaseSync } from 'node:sqlite';
import { notOffered } from '../errors.ts';

/** One ORDER BY term: a path of property names. */
export interface SortTerm {
  path: readonly string[];
  descending: boolean;
  /** Documents without the property: left out, unless the indexing policy names the path. */
  includeUndefined: boolean;
}

/** More indexes than this would slow every write down; further orders are sorted without one. */
const MAX_INDEXES = 12;

/** The two columns that order by a property: rank of its type, and value. */
export function sortColumns(path: readonly string[]): [rank: string, value: string] {
  const name = Buffer.from(path.join('/')).toString('hex');
  return [`rank_${name}`, `value_${name}`];
}

/**
 * Computed columns for a property, in the order of types of the query language. They are never NULL, so that tuples of
 * them compare, and plain columns, because SQLite seeks tuples of columns in an index but not tuples of expressions.
 */
function columnDefinitions(path: readonly string[]): [rank: string, value: string] {
  // A quoted label of SQLite's JSON paths has no escapes.
  if (path.some((name) => /["\\]/.test(name))) throw notOffered('ORDER BY a property with a quote in its name');
  const at = `'$${path.map((name) => `."${name.replaceAll("'", "''")}"`).join('')}'`;
  const type = `json_type(body, ${at})`;
  const extracted = `json_extract(body, ${at})`;
  return [
    `CASE ${type} WHEN 'null' THEN 1 WHEN 'true' THEN 2 WHEN 'false' THEN 2 WHEN 'integer' THEN 3 WHEN 'real' THEN 3 ` +
      `WHEN 'text' THEN 4 WHEN 'array' THEN 5 WHEN 'object' THEN 6 ELSE 0 END`,
    `CASE ${type} WHEN 'true' THEN 1 WHEN 'integer' THEN CAST(${extracted} AS REAL) WHEN 'real' THEN ${extracted} ` +
      `WHEN 'text' THEN ${extracted} WHEN 'array' THEN ${extracted} WHEN 'object' THEN ${extracted} ELSE 0 END`,
  ];
}

/** Columns and indexes for each order that was asked for, made when it is first asked for, kept for good. */
export class OrderIndexes {
  readonly #db: DatabaseSync;
  readonly #table: string;
  readonly #columns = new Set<string>();
  readonly #indexes = new Set<string>();

  constructor(db: DatabaseSync, table: string) {
    this.#db = db;
    this.#table = table;
    for (const { name } of db.prepare('SELECT name FROM pragma_table_xinfo(?)').all(table)) {
      if (typeof name === 'string') this.#columns.add(name);
    }
    for (const { name } of db.prepare('SELECT name FROM pragma_index_list(?)').all(table)) {
      if (typeof name === 'string' && name.startsWith(`${table}_order_`)) this.#indexes.add(name);
    }
  }

  /** Makes what a scan in this order needs, within one partition or over all. */
  ensure(order: readonly SortTerm[], byPartition: boolean): void {
    if (order.length === 0) return;
    for (const { path } of order) this.#ensureColumns(path);
    // A backwards walk serves the opposite order: one index for both.
    const turned = order[0]?.descending === true;
    const columns = order.flatMap(({ path, descending }) =>
      sortColumns(path).map((column) => `${column} ${descending === turned ? 'ASC' : 'DESC'}`),
    );
    if (byPartition) columns.unshift('partition');
    const name = `${this.#table}_order_${Buffer.from(columns.join()).toString('hex')}`;
    if (this.#indexes.has(name) || this.#indexes.size >= MAX_INDEXES) return;
    this.#db.exec(`CREATE INDEX IF NOT EXISTS ${name} ON ${this.#table} (${columns.join(', ')})`);
    this.#indexes.add(name);
  }

  #ensureColumns(path: readonly string[]): void {
    const definitions = columnDefinitions(path);
    sortColumns(path).forEach((column, i) => {
      if (this.#columns.has(column)) return;
      this.#db.exec(`ALTER TABLE ${this.#table} ADD COLUMN ${column} AS (${definitions[i] ?? ''})`);
      this.#columns.add(column);
    });
  }
}
