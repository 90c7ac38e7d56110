import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';

const hashes = z.record(z.string(), z.array(z.string()));

export interface MadeKey {
  /** For the caller. It is nowhere else: whoever loses it needs a new one. */
  key: string;
  /** The app setting `AUTH_KEYS` with the key's hash in it. */
  setting: string;
}

/**
 * Makes a key for a caller. Keys that the caller has go on working until they are taken out of the setting.
 * @param current the value of `AUTH_KEYS` so far
 * @throws ZodError for a value that is no such setting
 */
export function makeKey(name: string, current = '{}'): MadeKey {
  const known = hashes.parse(JSON.parse(current));
  const key = `gw_${randomBytes(32).toString('base64url')}`;
  const hash = createHash('sha256').update(key).digest('hex');
  return { key, setting: JSON.stringify({ ...known, [name]: [hash, ...(known[name] ?? [])] }) };
}
