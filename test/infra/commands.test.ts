import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accessToken, command } from '../../tools/hooks/commands.ts';

const run = promisify(execFile);

const AZ_MISSING: [string, Record<string, string>, string] = [
  'before-provision',
  { AZURE_SUBSCRIPTION_ID: 'some' },
  'az is not installed',
];

describe('a hook that is run without azd', () => {
  const rows: [hook: string, environment: Record<string, string>, sentence: string][] = [
    ['after-deploy', {}, 'GATEWAY_ADDRESS is not in the azd environment: run azd provision first.'],
    ['before-provision', {}, 'AZURE_SUBSCRIPTION_ID is not in the azd environment: azd up asks for it, or azd env set'],
    // On Windows a shell says that az is missing, in the words of that shell.
    ...(process.platform === 'win32' ? [] : [AZ_MISSING]),
  ];

  it.each(rows)('%s says in one sentence what is missing', async (hook, environment, sentence) => {
    const hasty = run(process.execPath, [`tools/hooks/${hook}.ts`], {
      env: { ...process.env, PATH: '', ...environment },
    });
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

  it('gets tokens from the tenant of the subscription that is deployed to, not of the one az has chosen', async () => {
    await az('echo "$@"');
    expect(await accessToken('https://graph.microsoft.com', 'the-subscription')).toBe(
      'account get-access-token --resource https://graph.microsoft.com --subscription the-subscription --query accessToken -o tsv',
    );
  });

  it('fails with its own words', async () => {
    await az('echo "ERROR: Please run az login" >&2; exit 1');
    await expect(command('az', ['account', 'show'])).rejects.toThrow(/^ERROR: Please run az login$/);
  });
});
