import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What a key opens. `system` is for webhooks of extensions. */
export type KeyLevel = 'anonymous' | 'function' | 'system' | 'admin';

const named = z.record(z.string(), z.string());
const hostFile = z.object({ masterKey: z.string(), functionKeys: named, systemKeys: named });
const functionFile = z.object({ keys: named });

export interface Keys {
  /** What `key` opens for a function (or for anything, without one). */
  levelOf(key: string | undefined, functionName?: string): KeyLevel;
  /** The key with which an extension's webhooks are called: `durabletask`, `blobs`. */
  systemKey(extension: string): string;
}

/** Extensions with webhooks, and what the real host calls their keys. */
const SYSTEM_KEYS = ['durabletask_extension', 'blobs_extension'];

/**
 * Keeps keys in files, one for the host and one for each function, made at random the first time.
 * @param folder `host.json` and `<function>.json` in here
 */
export function openKeys(folder: string, functionNames: readonly string[]): Keys {
  mkdirSync(folder, { recursive: true });
  const host = readOrMake(join(folder, 'host.json'), hostFile, () => ({
    masterKey: newKey(),
    functionKeys: { default: newKey() },
    systemKeys: Object.fromEntries(SYSTEM_KEYS.map((name) => [name, newKey()])),
  }));
  const functions = new Map(
    functionNames.map((name) => {
      const path = join(folder, `${name.toLowerCase()}.json`);
      return [name, readOrMake(path, functionFile, () => ({ keys: { default: newKey() } })).keys];
    }),
  );
  return {
    levelOf(key, functionName) {
      if (key === undefined || key === '') return 'anonymous';
      if (same(key, host.masterKey)) return 'admin';
      const own = functionName === undefined ? undefined : functions.get(functionName);
      if ([...Object.values(host.functionKeys), ...Object.values(own ?? {})].some((each) => same(key, each))) {
        return 'function';
      }
      return Object.values(host.systemKeys).some((each) => same(key, each)) ? 'system' : 'anonymous';
    },
    systemKey: (extension) => host.systemKeys[`${extension}_extension`] ?? host.masterKey,
  };
}

function newKey(): string {
  return randomBytes(32).toString('base64url');
}

function readOrMake<T>(path: string, schema: z.ZodType<T>, make: () => T): T {
  if (existsSync(path)) return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const made = make();
  writeFileSync(path, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  return made;
}

function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
