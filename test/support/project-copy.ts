import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A copy of the project that a test may change: sources and settings copied, packages linked. */
export interface ProjectCopy {
  readonly folder: string;
  remove(): Promise<void>;
}

const COPIED = [
  'src',
  'docs',
  'local',
  'tools',
  'host.json',
  'local.settings.sample.json',
  'package.json',
  'package-lock.json',
];

export async function copyProject(): Promise<ProjectCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'project-'));
  await Promise.all(COPIED.map((name) => cp(name, join(folder, name), { recursive: true })));
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
