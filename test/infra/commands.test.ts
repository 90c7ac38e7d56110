import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { command } from '../../tools/hooks/commands.ts';

const run = promisify(execFile);

describe('a hook that is run without azd', () => {
  // On Windows a shell says that az is missing, in the words of that shell.
  const rows: [string, string][] = [
    ['after-deploy', 'GATEWAY_ADDRESS is not in the azd environment: run azd provision first.'],
    ...(process.platform === 'win32' ? [] : [['before-provision', 'az is not installed'] satisfies [string, string]]),
  ];

  it.each(rows)('%s says in one sentence what is missing', async (hook, sentence) => {
    const hasty = run(process.execPath, [`tools/hooks/${hook}.ts`], { env: { ...process.env, PATH: '' } });
    await expect(hasty).rejects.toMatchObject({ code: 1 });
    const words = await hasty.catch((error: unknown) =>
      error instanceof Error && 'stderr' in error ? error.stderr : '',
    );
    expect(words).toContain(sentence);
    expect(words).not.toMatch(/^\s+at /m);
  });
});

// A command on Windows is a batch file; what is tested here is the same there.
describe.skipIf(process.platform === 'win32')('a command of az', () => {
  const path = process.env.PATH;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'az-'));
    process.env.PATH = `${folder}:${path ?? ''}`;
  });

  afterEach(async () => {
    process.env.PATH = path;
    await rm(folder, { recursive: true, force: true });
  });

  const az = async (script: string): Promise<void> => {
    await writeFile(join(folder, 'az'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'az'), 0o755);
  };

  it('gives what it printed, without the line end', async () => {
    await az('echo "$1 $2"');
    expect(await command('az', ['account', 'show'])).toBe('account show');
  });

  it('fails with its own words', async () => {
    await az('echo "ERROR: Please run az login" >&2; exit 1');
    await expect(command('az', ['account', 'show'])).rejects.toThrow(/^ERROR: Please run az login$/);
  });
});
