import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** An arrow between two rooms of `src`: files of the one import files of the other. */
export interface Arrow {
  from: string;
  to: string;
  /** Only types are imported: the one knows what the other looks like, and is handed it. */
  typesOnly: boolean;
}

/** Files that are no room: they put the rooms together. */
const COMPOSITION = new Set(['src/index.ts', 'src/services.ts']);

const IMPORT = /^(?:import|export)\s+(type\s)?([^'"]*?)from\s+'(\.[^']+)'/gm;

/** The folders of `src`, in alphabetical order. */
export const roomsOf = (source: string): string[] =>
  readdirSync(source, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();

/** Every arrow between two rooms, once, in alphabetical order; composition and the error catalogue are left out. */
export function arrowsOf(source: string): Arrow[] {
  const arrows = new Map<string, Arrow>();
  for (const arrow of importsOf(source)) {
    const name = `${arrow.from} ${arrow.to}`;
    arrows.set(name, { ...arrow, typesOnly: arrow.typesOnly && (arrows.get(name)?.typesOnly ?? true) });
  }
  return [...arrows.entries()].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, arrow]) => arrow);
}

/** Every import of one room by another, file by file. */
function* importsOf(source: string): Generator<Arrow> {
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    const file = join(source, name);
    if (!file.endsWith('.ts') || COMPOSITION.has(file)) continue;
    for (const [, type, names = '', target = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      const imported = normalize(join(dirname(file), target));
      const [from, to] = [roomOf(source, file), roomOf(source, imported)];
      // What lies outside the sources, such as the description of the API, is no room.
      if (from === to || to === '..' || to.endsWith('.ts') || COMPOSITION.has(imported)) continue;
      yield { from, to, typesOnly: type !== undefined || onlyTypes(names) };
    }
  }
}

const roomOf = (source: string, file: string): string => relative(source, file).split(/[\\/]/)[0] ?? '';

/** `{ type A, type B }`: nothing of it is there when the program runs. */
const onlyTypes = (names: string): boolean =>
  names
    .replaceAll(/[{}\s]+/g, ' ')
    .split(',')
    .map((name) => name.trim())
    .every((name) => name === '' || name.startsWith('type '));
