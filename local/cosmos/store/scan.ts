import { sortColumns, type SortTerm } from './order-indexes.ts';

/** The sort keys of a row, two for each term: rank of the type, value. */
export type SortKey = string | number;

/** Where a scan stopped: the sort keys and the row number of the last row. */
export interface Position {
  keys: readonly SortKey[];
  rid: number;
}

export interface Scan {
  /** Exact partition, or the partitions that begin so (hierarchical keys); undefined = all. */
  partition: PartitionRange | undefined;
  order: readonly SortTerm[];
  after: Position | undefined;
  /** Texts that must occur in the stored JSON: a cheap, necessary condition. */
  containing: readonly string[];
}

export interface PartitionRange {
  text: string;
  prefix: boolean;
}

/** The SQL of a scan and its parameters, in order. */
export function scanStatement(table: string, scan: Scan, now: number): { sql: string; values: SortKey[] } {
  const values: SortKey[] = [now];
  const conditions = ['(expires IS NULL OR expires > ?)'];
  const require = (sql: string, ...parameters: SortKey[]): void => {
    conditions.push(sql);
    values.push(...parameters);
  };
  if (scan.partition) requirePartition(scan.partition, require);
  for (const text of scan.containing) require('instr(body, ?) > 0', text);
  const terms = scan.order.map((term) => ({ term, columns: sortColumns(term.path) }));
  terms.forEach(({ term, columns }, i) => {
    // Behind a position in ascending order it is so anyway, and saying it would keep SQLite from seeking.
    const implied = i === 0 && scan.after && !term.descending;
    if (!term.includeUndefined && !implied) require(`${columns[0]} > 0`);
  });
  const keys = terms.flatMap(({ term, columns }) => columns.map((column) => ({ column, descending: term.descending })));
  const sorted = [...keys, { column: 'rid', descending: keys[0]?.descending ?? false }];
  if (scan.after) requireAfter(sorted, [...scan.after.keys, scan.after.rid], require);
  const select = ['rid', 'body', ...keys.map(({ column }, i) => `${column} AS key${i}`)].join(', ');
  const order = sorted.map(({ column, descending }) => `${column} ${descending ? 'DESC' : 'ASC'}`).join(', ');
  return { sql: `SELECT ${select} FROM ${table} WHERE ${conditions.join(' AND ')} ORDER BY ${order}`, values };
}

type Require = (sql: string, ...parameters: SortKey[]) => void;

function requirePartition({ text, prefix }: PartitionRange, require: Require): void {
  if (!prefix) {
    require('partition = ?', text);
    return;
  }
  // `["a"]` as a prefix is every text from `["a",` up to, not including, `["a"-`: the comma's successor.
  const open = text.slice(0, -1);
  require('partition >= ? AND partition < ?', `${open},`, `${open}-`);
}

interface Sorted {
  column: string;
  descending: boolean;
}

/** Everything behind a position, in the order of the scan. */
function requireAfter(sorted: readonly Sorted[], position: readonly SortKey[], require: Require): void {
  const first = sorted[0];
  if (sorted.every(({ descending }) => descending === first?.descending)) {
    // One direction: a tuple comparison, which an index can seek.
    const columns = sorted.map(({ column }) => column).join(', ');
    const marks = sorted.map(() => '?').join(', ');
    require(`(${columns}) ${first?.descending ? '<' : '>'} (${marks})`, ...position);
    return;
  }
  const parameters: SortKey[] = [];
  const alternatives = sorted.map(({ column, descending }, i) => {
    const equal = sorted.slice(0, i).map((key) => `${key.column} = ?`);
    parameters.push(...position.slice(0, i + 1));
    return [...equal, `${column} ${descending ? '<' : '>'} ?`].join(' AND ');
  });
  require(`(${alternatives.map((alternative) => `(${alternative})`).join(' OR ')})`, ...parameters);
}
