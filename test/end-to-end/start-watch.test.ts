import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { replaceFile } from '../../local/world/replace-file.ts';
import { copyProject, type ProjectCopy } from '../support/project-copy.ts';
import { startWorld, type World } from '../support/world.ts';

const PROBE = `
import { app as probeApp } from '@azure/functions';
probeApp.http('watchProbe', { route: 'watch-probe', authLevel: 'anonymous', handler: async () => ({ body: 'seen' }) });
`;
const PATIENCE = { timeout: 60_000, interval: 100 };

let project: ProjectCopy;
let world: World;
let index: string;
let source: string;

beforeAll(async () => {
  project = await copyProject();
  index = join(project.folder, 'src', 'index.ts');
  source = await readFile(index, 'utf8');
  world = await startWorld({ project: project.folder, arguments: ['--watch'] });
});
afterAll(async () => {
  await world.stop();
  await project.remove();
});

const get = async (path: string): Promise<number> => (await fetch(`${world.endpoints.gateway}/${path}`)).status;

describe('npm start -- --watch', () => {
  it('loads the app again when a source changes', async () => {
    expect(await get('watch-probe')).toBe(404);
    await replaceFile(index, `${source}${PROBE}`);
    await vi.waitFor(async () => expect(await get('watch-probe')).toBe(200), PATIENCE);
  }, 90_000);

  it('goes on with the last good app when a change does not build, and names the place', async () => {
    // As a whole: a file that is being written is empty for a moment, and that builds.
    await replaceFile(index, `${source}${PROBE}\nconst = 1;\n`);
    await vi.waitFor(() => expect(world.errors()).toMatch(/does not build.*src\/index\.ts:\d+:\d+/), PATIENCE);
    expect(await get('watch-probe')).toBe(200);
    await replaceFile(index, source);
    await vi.waitFor(async () => expect(await get('watch-probe')).toBe(404), PATIENCE);
    expect(await get('health')).toBe(200);
  }, 150_000);
});

describe('npm start of an app that does not build', () => {
  it('says in one sentence where', async () => {
    const broken = await copyProject();
    await appendFile(join(broken.folder, 'src', 'index.ts'), '\nconst = 1;\n');
    const start = startWorld({ project: broken.folder });
    await expect(start).rejects.toThrow(
      /exit code 1.*\n(start .*\n)?The app does not build: src\/index\.ts:\d+:\d+: .*\n?$/,
    );
    await broken.remove();
  }, 120_000);
});
