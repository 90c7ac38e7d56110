import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

const importsOf = (file: string): Import[] =>
  [
    ...readFileSync(file, 'utf8').matchAll(
      /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm,
    ),
  ].map((match) => {
    const target = match[2] ?? match[3] ?? '';
    const to = target.startsWith('.') ? normalize(join(dirname(file), target)) : target;
    return { from: file, to, typeOnly: match[1] !== undefined };
  });

const imports = [...sources('src'), ...sources('local')].flatMap(importsOf);
const roomOf = (file: string): string => relative('src', file).split('/')[0] ?? '';
const show = ({ from, to }: Import): string => `${from} -> ${to}`;

describe('the arrows of the house', () => {
  it('src and local never import each other: they meet over HTTP', () => {
    const crossing = imports.filter(
      ({ from, to }) => /^(src|local)\//.test(to) && from.split('/')[0] !== to.split('/')[0],
    );
    expect(crossing.map(show)).toEqual([]);
  });

  it('only http/ and functions/ (and the starter of orchestrations) know Functions types', () => {
    const knowing = imports.filter(
      ({ from, to }) =>
        to === '@azure/functions' && from.startsWith('src/') && !/^src\/(http|functions)\/|^src\/index\.ts$/.test(from),
    );
    expect(knowing.filter(({ typeOnly }) => !typeOnly).map(show)).toEqual([]);
  });

  it('only background/, documents/ and their doors know Durable', () => {
    const knowing = imports.filter(
      ({ from, to }) =>
        to === 'durable-functions' &&
        !/^src\/(background|documents)\/|^src\/functions\/(background|documents)\.ts$/.test(from) &&
        from.startsWith('src/'),
    );
    expect(knowing.map(show)).toEqual([]);
  });

  it('nobody imports a door but index.ts', () => {
    const callers = imports.filter(({ from, to }) => to.startsWith('src/functions/') && from !== 'src/index.ts');
    expect(callers.map(show)).toEqual([]);
  });

  it('foundations know no room', () => {
    const foundations = new Set(['upstream', 'errors.ts', 'platform']);
    const upwards = imports.filter(
      ({ from, to }) =>
        from.startsWith('src/') &&
        foundations.has(roomOf(from)) &&
        to.startsWith('src/') &&
        !foundations.has(roomOf(to)),
    );
    expect(upwards.map(show)).toEqual([]);
  });

  it.each([
    ['chains', []],
    ['streams', ['chains']],
  ])('%s know of the other rooms only %j', (room, below) => {
    const allowed = new Set([room, ...below, 'upstream', 'errors.ts', 'platform']);
    const outwards = imports.filter(
      ({ from, to }) => from.startsWith(`src/${room}/`) && to.startsWith('src/') && !allowed.has(roomOf(to)),
    );
    expect(outwards.map(show)).toEqual([]);
  });
});
