import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createIdentify } from '../../../src/http/caller.ts';
import { readConfig } from '../../../src/platform/config.ts';
import { makeKey } from '../../../tools/keys/make-key.ts';

/** Who calls with a key, when the app has this setting. */
function ownerOf(key: string, setting: string): Promise<string> {
  const { auth } = readConfig({
    AUTH_MODE: 'keys',
    AUTH_KEYS: setting,
    AZURE_OPENAI_ENDPOINT: 'https://r.openai.azure.com',
    AZURE_OPENAI_DEPLOYMENT: 'gpt-4.1',
    COSMOS_ENDPOINT: 'https://c.documents.azure.com',
    DataStorage__blobServiceUri: 'https://d.blob.core.windows.net',
  });
  return Promise.resolve(createIdentify(auth)(new Headers({ 'api-key': key })));
}

describe('makeKey', () => {
  it('makes keys that the app lets in, beside those that were there', async () => {
    const first = makeKey('web');
    const second = makeKey('web', first.setting);
    const other = makeKey('billing', second.setting);
    for (const { key } of [first, second]) expect(await ownerOf(key, other.setting)).toBe('web');
    expect(await ownerOf(other.key, other.setting)).toBe('billing');
  });

  it('leaves nothing of a key in the setting', () => {
    const { key, setting } = makeKey('web');
    expect(setting).not.toContain(key.slice(3));
    expect(key.length).toBeGreaterThan(40);
  });

  it('takes no setting that it cannot read', () => {
    expect(() => makeKey('web', '{"web":"plain"}')).toThrow();
  });
});

describe('npm run keys', () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/keys/main.ts', ...args], {
      encoding: 'utf8',
    });
    return { status, stdout, said: stderr };
  };

  it('says which name it does not take, and which it would', () => {
    expect(run('a b')).toEqual({
      status: 2,
      stdout: '',
      said: expect.stringMatching(/^'a b' cannot be a caller's name: .*\n$/),
    });
  });

  it('explains itself', () => {
    expect(run('--help')).toEqual({ status: 0, stdout: '', said: expect.stringContaining('npm run keys -- <name>') });
    expect(run()).toMatchObject({ status: 2, stdout: '' });
  });
});
