import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeys } from '../../../../../local/host/http/keys.ts';

describe('keys', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keys-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function keyOf(file: string, ...path: string[]): Promise<string> {
    let value: unknown = JSON.parse(await readFile(join(folder, `${file}.json`), 'utf8'));
    for (const name of path) value = Reflect.get(Object(value), name);
    return String(value);
  }

  it('opens what each key is for', async () => {
    const keys = openKeys(folder, ['one', 'two']);
    expect(keys.levelOf(undefined)).toBe('anonymous');
    expect(keys.levelOf('guess', 'one')).toBe('anonymous');
    expect(keys.levelOf(await keyOf('host', 'masterKey'), 'one')).toBe('admin');
    expect(keys.levelOf(await keyOf('host', 'functionKeys', 'default'), 'one')).toBe('function');
    expect(keys.levelOf(await keyOf('one', 'keys', 'default'), 'one')).toBe('function');
    expect(keys.levelOf(await keyOf('one', 'keys', 'default'), 'two')).toBe('anonymous');
    expect(keys.levelOf(keys.systemKey('blobs'))).toBe('system');
  });

  it('keeps them', async () => {
    openKeys(folder, ['one']);
    const before = await keyOf('host', 'masterKey');
    openKeys(folder, ['one']);
    expect(await keyOf('host', 'masterKey')).toBe(before);
  });
});
