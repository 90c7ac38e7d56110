import { existsSync, globSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { z } from 'zod';
import { StartError } from './start-error.ts';

const manifest = z.looseObject({ main: z.string().min(1).optional(), type: z.string().optional() });

/**
 * Finds the files that an app starts with: `main` of its package.json, a path or a pattern.
 * @throws StartError when there is no package.json, no `main`, or nothing that matches it
 */
export function findEntryPoints(appFolder: string): { file: string; esm: boolean }[] {
  const path = join(appFolder, 'package.json');
  if (!existsSync(path)) {
    throw new StartError(`There is no package.json in ${appFolder}: --app has to name the folder of a Functions app.`);
  }
  const { main, type } = readManifest(path);
  if (main === undefined) {
    throw new StartError(`${path} has no "main": it tells the host which files register the functions.`);
  }
  const files = isPattern(main) ? matching(appFolder, main) : existing(appFolder, main);
  if (files.length === 0) {
    throw new StartError(`Nothing matches "main" ("${main}") in ${appFolder}: build the app first (npm run build).`);
  }
  return files.map((file) => ({ file, esm: isEsm(file, type) }));
}

function readManifest(path: string): z.infer<typeof manifest> {
  try {
    return manifest.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new StartError(`${path} cannot be read as a package.json: ${String(error)}`);
  }
}

function isPattern(main: string): boolean {
  return /[*?{[]/.test(main);
}

function matching(appFolder: string, pattern: string): string[] {
  const found = globSync(pattern, { cwd: appFolder, exclude: ['**/node_modules/**'] });
  return [...new Set(found)].sort().map((file) => resolve(appFolder, file));
}

function existing(appFolder: string, main: string): string[] {
  const file = resolve(appFolder, main);
  return existsSync(file) ? [file] : [];
}

function isEsm(file: string, type: string | undefined): boolean {
  const extension = extname(file);
  return extension === '.mjs' || (extension !== '.cjs' && type === 'module');
}
