import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { startWorld, type World } from '../support/world.ts';
import { at, timed } from './load.ts';
import type { Figure } from './table.ts';

const BUNDLE = 'dist/index.cjs';
const IMPORTS = 5;
const MIB = 1024 * 1024;

/** How soon everything is there. */
export async function* start(): AsyncGenerator<Figure> {
  let world: World | undefined;
  const ms = await timed(async () => (world = await startWorld()));
  await world?.stop();
  yield {
    what: 'cold npm start, until ready',
    unit: 's',
    gateway: ms / 1000,
    budget: { is: 'under 5 s', kept: ms < 5_000 },
  };
  const { size } = await stat(BUNDLE);
  yield { what: 'bundle', unit: 'MiB', gateway: size / MIB, budget: { is: 'under 5 MB', kept: size < 5_000_000 } };
  const times: number[] = [];
  for (let n = 0; n < IMPORTS; n += 1) times.push(await importMs());
  const median = at(times, 0.5);
  yield {
    what: 'import of the bundle, p50',
    unit: 'ms',
    gateway: median,
    budget: { is: 'under 400 ms', kept: median < 400 },
  };
}

/** As the host does it, which gives the app the module that the library speaks to. */
const CODE = `
import { createCoreModule } from './local/host/core/core-module.ts';
import { importApp } from './local/host/core/module-hook.ts';
const { module } = createCoreModule(() => undefined);
const t = performance.now();
await importApp([{ file: '${resolve(BUNDLE)}', esm: false }], module);
console.log('took', performance.now() - t);
process.exit(0);
`;

async function importMs(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', CODE]);
  return Number(/took (\S+)/.exec(stdout)?.[1]);
}
