import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is deployed: the bundle needs nothing beside it, so there is nothing to install on the platform. */
const STAGED_FOLDER = '.artifacts/app';

/**
 * Makes the folder that is deployed: what the build made, host.json and a package.json without dependencies.
 * Source maps stay at home: they are three times the size of the bundle, and the platform would not read them.
 * @param root the project's folder, with `dist` built
 * @param into folder to make anew
 * @returns its size in bytes
 * @throws {Error} when the bundle or host.json is missing
 */
export async function stage(root: string, into: string): Promise<number> {
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const main = textOf(manifest, 'main');
  await sizeOf(root, main);
  const built = await readdir(join(root, dirname(main)), { recursive: true, withFileTypes: true });
  const files = built
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  await rm(into, { recursive: true, force: true });
  let bytes = 0;
  for (const file of [...files, 'host.json']) {
    bytes += await sizeOf(root, file);
    await mkdir(dirname(join(into, file)), { recursive: true });
    await cp(join(root, file), join(into, file));
  }
  const staged = { name: textOf(manifest, 'name'), version: textOf(manifest, 'version'), private: true, main };
  const text = `${JSON.stringify(staged, null, 2)}\n`;
  await writeFile(join(into, 'package.json'), text);
  return bytes + Buffer.byteLength(text);
}

async function sizeOf(root: string, file: string): Promise<number> {
  try {
    return (await stat(join(root, file))).size;
  } catch (error) {
    throw new Error(`${file} is missing: run npm run build first.`, { cause: error });
  }
}

function textOf(manifest: unknown, name: string): string {
  const entries = manifest !== null && typeof manifest === 'object' ? Object.entries(manifest) : [];
  const value: unknown = entries.find(([key]) => key === name)?.[1];
  if (typeof value !== 'string') throw new Error(`package.json has no '${name}'.`);
  return value;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = await stage('.', STAGED_FOLDER);
  process.stdout.write(`${STAGED_FOLDER}: ${(bytes / 1024 / 1024).toFixed(1)} MiB\n`);
}
