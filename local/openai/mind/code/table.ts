import { calculate } from '../answer/arithmetic.ts';

/** Named columns; the first one labels the rows. */
export interface Table {
  columns: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}

/** Longest series that is made. */
const MAX_ROWS = 1_000;

/** The table that a text asks for or spells out; squares when it says nothing. */
export function tableIn(text: string): Table {
  return numberSeries(text) ?? curve(text) ?? pairs(text) ?? plainNumbers(text) ?? series('squares', 10);
}

const SERIES: Readonly<Record<string, (index: number) => number>> = {
  squares: (index) => (index + 1) ** 2,
  cubes: (index) => (index + 1) ** 3,
  primes: (index) => nthPrime(index),
  fibonacci: (index) => fibonacci(index),
  even: (index) => 2 * (index + 1),
  odd: (index) => 2 * index + 1,
};

function numberSeries(text: string): Table | undefined {
  const match = /\b(square|cube|prime|fibonacci|even|odd)s?\b/i.exec(text)?.[1]?.toLowerCase();
  if (match === undefined) return undefined;
  const count = Number(
    /\b(?:first|of|to)\s+(\d+)\b|\b(\d+)\s+(?:square|cube|prime|fibonacci|even|odd)/i
      .exec(text)
      ?.slice(1)
      .find(Boolean) ?? 10,
  );
  return series(match in SERIES ? match : `${match}s`, count);
}

function series(name: string, count: number): Table {
  const value = SERIES[name] ?? ((index: number) => index + 1);
  const rows = Array.from({ length: Math.min(count, MAX_ROWS) }, (_, index) => [index + 1, value(index)]);
  return { columns: ['n', name], rows };
}

function nthPrime(index: number): number {
  let candidate = 1;
  for (let found = -1; found < index;) {
    candidate++;
    if (isPrime(candidate)) found++;
  }
  return candidate;
}

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false;
  return true;
}

function fibonacci(index: number): number {
  let [current, next] = [0, 1];
  for (let step = 0; step < index; step++) [current, next] = [next, current + next];
  return current;
}

const CURVES: readonly [RegExp, string, (x: number) => number][] = [
  [/\bsin(?:e|us)?\b/i, 'sin(x)', Math.sin],
  [/\bcos(?:ine|inus)?\b/i, 'cos(x)', Math.cos],
  [/\bexponential\b|\bexp\b/i, 'exp(x)', Math.exp],
];

/** `y = x^2 + 1`, or a curve called by its name, from 0 to 10. */
function curve(text: string): Table | undefined {
  const points = Array.from({ length: 41 }, (_, index) => index / 4);
  const named = CURVES.find(([pattern]) => pattern.test(text));
  if (named) return { columns: ['x', named[1]], rows: points.map((x) => [x, round(named[2](x))]) };
  const formula = /\b(?:y|f\(x\))\s*=\s*([\dx\s.+*/()^-]+)/i.exec(text)?.[1]?.trim();
  if (formula === undefined || !/x/i.test(formula)) return undefined;
  const rows = points.map((x) => [x, calculate(withValue(formula, x)) ?? NaN]);
  return rows.some((row) => Number.isNaN(row[1])) ? undefined : { columns: ['x', formula], rows };
}

function withValue(formula: string, x: number): string {
  return formula
    .replace(/\^/g, '**')
    .replace(/(\d)\s*x/gi, '$1 * x')
    .replace(/x/gi, `(${x})`);
}

/** "Jan 10, Feb 20, Mar 15" or "apples: 3, pears: 5". */
function pairs(text: string): Table | undefined {
  const rows = [...text.matchAll(/([\p{L}][\p{L}\d]*)\s*[:=(]?\s*(-?\d+(?:\.\d+)?)(?=\s*(?:[,;)\n.]|and\b|$))/gu)].map(
    (match) => [match[1] ?? '', Number(match[2])],
  );
  return rows.length >= 2 ? { columns: ['label', 'value'], rows } : undefined;
}

function plainNumbers(text: string): Table | undefined {
  const numbers = text.match(/(?<![\w.])-?\d+(?:\.\d+)?(?![\w])/g)?.map(Number) ?? [];
  // Two numbers may count something: "2 files of 10 rows". Side by side they are values.
  return numbers.length >= 3 || /\d\s*(?:,|\band)\s*-?\d/.test(text)
    ? { columns: ['n', 'value'], rows: numbers.map((value, index) => [index + 1, value]) }
    : undefined;
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Comma-separated text with a header line; numbers become numbers. */
export function parseCsv(text: string): Table {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const [columns = [], ...rows] = lines.map(parseLine);
  return {
    columns,
    rows: rows.map((row) => row.map((cell) => (cell !== '' && !Number.isNaN(Number(cell)) ? Number(cell) : cell))),
  };
}

function parseLine(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    (match) => match[1]?.replace(/""/g, '"') ?? match[2]?.trim() ?? '',
  );
}

export function formatCsv({ columns, rows }: Table): string {
  const cell = (value: string | number): string =>
    /[",\n]/.test(String(value)) ? `"${String(value).replace(/"/g, '""')}"` : String(value);
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

/** Columns that hold numbers only. */
export function numericColumns({ columns, rows }: Table): { name: string; values: number[] }[] {
  return columns.flatMap((name, index) => {
    const values = rows.map((row) => row[index]).filter((value) => typeof value === 'number');
    return values.length > 0 && values.length === rows.length ? [{ name, values }] : [];
  });
}
