import { rename, writeFile } from 'node:fs/promises';

/** Writes a file so that a reader (or a crash) never sees half of it: written beside, then renamed over. */
export async function replaceFile(path: string, text: string, options: { mode?: number } = {}): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  await writeFile(beside, text, options);
  await rename(beside, path);
}
