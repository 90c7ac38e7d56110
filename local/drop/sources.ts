import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { StartFailure } from '../world/start-failure.ts';

/** A file to drop, and the name that its blob gets. */
export interface Source {
  file: string;
  blob: string;
}

export interface Sources {
  /** Each of them gets an analysis, or an error that says why not. */
  documents: Source[];
  /** `_prompt.md`, `_schema.json` and `_model.txt` of dropped folders: they steer the analysis and have to be there first. */
  guides: Source[];
}

const GUIDE = /(^|\/)_(prompt\.md|schema\.json|model\.txt)$/;

/**
 * Finds what to drop. A file keeps its name; of a folder, every PDF and guide in it keeps its path from the folder's own name on.
 * @throws StartFailure for a path that is not there, a folder without a PDF, or two files that would get the same name.
 */
export async function findSources(paths: readonly string[]): Promise<Sources> {
  const found = (await Promise.all(paths.map(expand))).flat();
  const byBlob = new Map<string, Source>();
  for (const source of found) {
    const other = byBlob.get(source.blob);
    if (other && other.file !== source.file) {
      throw new StartFailure(
        `${other.file} and ${source.file} would both become ${source.blob}: drop the folder that holds them, or one at a time.`,
      );
    }
    byBlob.set(source.blob, source);
  }
  const all = [...byBlob.values()];
  return {
    documents: all.filter(({ blob }) => !GUIDE.test(blob)),
    guides: all.filter(({ blob }) => GUIDE.test(blob)),
  };
}

async function expand(path: string): Promise<Source[]> {
  const file = resolve(path);
  const kind = await stat(file).catch(() => undefined);
  if (!kind) throw new StartFailure(`There is no file or folder ${path}.`);
  if (!kind.isDirectory()) return [{ file, blob: basename(file) }];
  const entries = await readdir(file, { recursive: true, withFileTypes: true });
  const inside = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((inner) => ({ file: inner, blob: [basename(file), ...relative(file, inner).split(sep)].join('/') }))
    .filter(({ blob }) => /\.pdf$/i.test(blob) || GUIDE.test(blob));
  if (!inside.some(({ blob }) => !GUIDE.test(blob))) throw new StartFailure(`The folder ${path} holds no PDF.`);
  return inside.toSorted((left, right) => left.blob.localeCompare(right.blob));
}
