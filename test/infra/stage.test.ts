import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stage } from '../../tools/stage.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'stage-'));
  await mkdir(join(root, 'dist', 'part'), { recursive: true });
  const manifest = { name: 'gateway', version: '1.2.3', main: 'dist/index.cjs', dependencies: { openai: '7.0.0' } };
  await writeFile(join(root, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(root, 'host.json'), '{}');
  await writeFile(join(root, 'local.settings.json'), '{"Values":{}}');
  for (const file of ['index.cjs', 'index.cjs.map', 'part/more.json']) await writeFile(join(root, 'dist', file), '//');
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('the folder that is deployed', () => {
  it('holds what was built, host.json and a package.json without dependencies, and nothing else', async () => {
    const into = join(root, 'staged');
    const bytes = await stage(root, into);
    const files = await readdir(into, { recursive: true, withFileTypes: true });
    const names = files.filter((entry) => entry.isFile()).map((entry) => entry.name);
    expect(names.toSorted()).toEqual(['host.json', 'index.cjs', 'more.json', 'package.json']);
    const manifest: unknown = JSON.parse(await readFile(join(into, 'package.json'), 'utf8'));
    expect(manifest).toEqual({ name: 'gateway', version: '1.2.3', private: true, main: 'dist/index.cjs' });
    expect(bytes).toBeGreaterThan(0);
  });

  it('is made anew every time', async () => {
    const into = join(root, 'staged');
    await mkdir(into);
    await writeFile(join(into, 'left-over.js'), '');
    await stage(root, into);
    expect(await readdir(into)).not.toContain('left-over.js');
  });

  it('is refused without a bundle, with what to do', async () => {
    await rm(join(root, 'dist', 'index.cjs'));
    await expect(stage(root, join(root, 'staged'))).rejects.toThrow('dist/index.cjs is missing: run npm run build');
  });
});
