import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { remembered, type Database } from './store/database.ts';

const MARK = 'gAAAAA';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypted reasoning and compaction: only the resource that sealed a text can open it. */
export interface Seals {
  seal: (text: string) => string;
  /** Undefined when another resource made it, or nobody did. */
  open: (sealed: string) => string | undefined;
}

/** The key lives in the store, so that a restart opens what was sealed before and another resource does not. */
export function openSeals(database: Database): Seals {
  const key = Buffer.from(
    remembered(database, 'seal-key', () => randomBytes(32).toString('base64')),
    'base64',
  );
  return {
    seal(text) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return MARK + sealed.toString('base64url');
    },
    open(sealed) {
      if (!sealed.startsWith(MARK)) return undefined;
      const bytes = Buffer.from(sealed.slice(MARK.length), 'base64url');
      if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8');
        return text + decipher.final('utf8');
      } catch {
        // A wrong tag is the expected sign of another resource's seal.
        return undefined;
      }
    },
  };
}
