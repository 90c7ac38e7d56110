import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type LogLevel } from 'esbuild';
import { appBundle } from './app-bundle.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(PROJECT, 'node_modules', '.cache', 'app');
/** What decides on the bundle besides the sources. */
const ALSO = ['docs/openapi.yaml', 'tools/app-bundle.ts', 'package-lock.json', 'package.json'];
const KEPT = 8;

/**
 * Gives a folder with the bundle of the sources as they are now. It is found by their content, so a second start,
 * and every further world of a test run, has nothing to build.
 * @param logLevel what esbuild prints by itself
 * @throws esbuild's failure, with its messages, when the app does not build
 */
export async function cachedBundle({ logLevel }: { logLevel: LogLevel }): Promise<string> {
  const folder = join(CACHE, await sourceKey());
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  await build({ ...appBundle(fresh), logLevel });
  // Two worlds may have built the same at once: the second one's is not needed.
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true, force: true }));
  await forgetOldest();
  return folder;
}

async function sourceKey(): Promise<string> {
  const source = join(PROJECT, 'src');
  const entries = await readdir(source, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const also = ALSO.map((name) => join(PROJECT, name)).filter((path) => existsSync(path));
  const paths = [...also, ...files].toSorted();
  const contents = await Promise.all(paths.map((path) => readFile(path)));
  const hash = createHash('sha256');
  for (const [index, path] of paths.entries()) {
    hash.update(`${path.slice(PROJECT.length)}\0`).update(contents[index] ?? '');
  }
  return hash.digest('hex').slice(0, 32);
}

async function forgetOldest(): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const folders = (await readdir(CACHE)).map((name) => join(CACHE, name));
  const aged = await Promise.all(folders.map(async (path) => ({ path, made: (await stat(path)).mtimeMs })));
  const old = aged.toSorted((left, right) => right.made - left.made).slice(KEPT);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}
