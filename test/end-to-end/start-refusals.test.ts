import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../local/kit/server.ts';
import { lockDataFolder } from '../../local/world/data-folder.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refusals-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface End {
  code: number | null;
  output: string;
  sentences: string[];
}

async function run(script: string, environment: Record<string, string> = {}, args: string[] = []): Promise<End> {
  const child = spawn(process.execPath, ['-r', './tools/prerequisites.cjs', script, ...args], {
    env: { ...process.env, LOCAL_DATA_DIR: folder, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const sentences = errors.split('\n').filter((line) => line !== '' && !line.startsWith('start '));
  return { code: child.exitCode, output, sentences };
}

describe('npm start refuses with one clear sentence', () => {
  it('a port in use', async () => {
    const other = await listen((_request, response) => void response.end());
    const end = await run('local/start.ts', { PORT: String(other.port) });
    await other.stop();
    expect(end).toMatchObject({ code: 1, output: '' });
    expect(end.sentences).toEqual([expect.stringContaining(`Port ${other.port} is already in use`)]);
  });

  it('a data folder that another world has', async () => {
    const lock = lockDataFolder(folder);
    const [start, reset] = await Promise.all([run('local/start.ts'), run('local/reset.ts')]);
    lock.release();
    for (const end of [start, reset]) {
      expect(end.code).toBe(1);
      expect(end.sentences).toEqual([expect.stringContaining('is in use by a local world that is still running')]);
    }
  });

  it.each([
    ['a port that is none', { PORT: 'eighty' }, [], 'PORT=eighty is no port'],
    ['an option it does not have', {}, ['--wach'], "Unknown option '--wach'"],
    ['settings that the app cannot work with', { AUTH_MODE: 'nobody' }, [], "these settings: AUTH_MODE is 'nobody'"],
  ])(
    '%s',
    async (_what, environment, args, reason) => {
      const end = await run('local/start.ts', environment, args);
      expect(end.code).toBe(1);
      expect(end.output).toBe('');
      expect(end.sentences.at(-1)).toContain(reason);
    },
    120_000,
  );
});

describe('an old Node', () => {
  it('is refused with a sentence that even it can run, and says where a newer one comes from', () => {
    const pretend = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });";
    const { status, stderr } = spawnSync(process.execPath, ['-e', `${pretend} require('./tools/prerequisites.cjs')`], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Node 20\.20\.2 is too old: .*npm ci.*\n$/);
  });
});

describe('npm run reset', () => {
  it('wipes the data folder', async () => {
    const own = join(folder, 'own');
    lockDataFolder(own).release();
    await writeFile(join(own, 'cosmos.sqlite'), 'state');
    expect(await run('local/reset.ts', { LOCAL_DATA_DIR: own })).toMatchObject({ code: 0 });
    await expect(rm(own, { recursive: true })).rejects.toThrow('ENOENT');
    expect(await run('local/reset.ts', { LOCAL_DATA_DIR: own })).toMatchObject({ code: 0 });
  });

  it('does nothing when it is given an option', async () => {
    const own = join(folder, 'kept');
    lockDataFolder(own).release();
    const end = await run('local/reset.ts', { LOCAL_DATA_DIR: own }, ['--help']);
    expect(end).toMatchObject({ code: 1, sentences: ["'--help' is not understood. Usage: npm run reset"] });
    await access(join(own, 'lock'));
  });

  it('touches no folder that is not its own', async () => {
    const precious = await mkdtemp(join(folder, 'precious-'));
    const end = await run('local/reset.ts', { LOCAL_DATA_DIR: precious });
    expect(end.code).toBe(1);
    expect(end.sentences).toEqual([expect.stringContaining('left alone')]);
  });
});
