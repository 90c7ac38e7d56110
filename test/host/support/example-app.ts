import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const REGISTRY = '@azure/functions-extensions-base';
const SOURCE = fileURLToPath(new URL('../app/', import.meta.url));

/** A built copy of an app in a folder of its own. */
export interface AppFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Bundles the example app of the host suite into a folder of its own. */
export async function buildExampleApp(): Promise<AppFolder> {
  const folder = await temporaryFolder();
  for (const file of ['package.json', 'host.json']) await cp(join(SOURCE, file), join(folder.path, file));
  await build({
    entryPoints: { index: join(SOURCE, 'src/index.ts') },
    outdir: join(folder.path, 'dist'),
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['@azure/functions-core'],
    // The library itself requires the CommonJS form: the other one is another registry.
    alias: { [REGISTRY]: createRequire(import.meta.url).resolve(REGISTRY) },
    logLevel: 'warning',
  });
  return folder;
}

/** Writes an app, file by file. `nearPackages` puts it where the packages of this repository can be found. */
export async function writeApp(files: Readonly<Record<string, string>>, nearPackages = false): Promise<AppFolder> {
  const folder = await temporaryFolder(
    nearPackages ? fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url)) : undefined,
  );
  for (const [name, content] of Object.entries({ 'host.json': '{ "version": "2.0" }', ...files })) {
    const path = join(folder.path, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, content);
  }
  return folder;
}

async function temporaryFolder(parent = tmpdir()): Promise<AppFolder> {
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, 'host-app-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
