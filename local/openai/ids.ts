import { randomBytes } from 'node:crypto';

const POOL_BYTES = 8192;
let pool = '';
let used = 0;

/** Random hex digits, drawn from a pool because ids are made by the thousand. */
export function randomHex(digits: number): string {
  if (used + digits > pool.length) {
    pool = randomBytes(POOL_BYTES).toString('hex');
    used = 0;
  }
  used += digits;
  return pool.slice(used - digits, used);
}

const STEM_DIGITS = 16;

/** What the ids of one response and of its items have in common: 16 hex digits. */
export const newStem = (): string => randomHex(STEM_DIGITS);

/**
 * An id as the service makes them: prefix, stem of the response, creation time, random part.
 * The stem leads from an item back to its response.
 */
export function newId(prefix: string, stem: string, milliseconds: number): string {
  const time = Math.floor(milliseconds / 1000)
    .toString(16)
    .padStart(8, '0');
  const name = prefix.endsWith('_') ? prefix.slice(0, -1) : prefix;
  return `${name}_${stem}00${time}${randomHex(24)}`;
}

/** The stem inside an id of ours, or undefined for an id that somebody else made. */
export function stemOf(id: string): string | undefined {
  return /^[a-z]+_([0-9a-f]{16})00[0-9a-f]{32}$/.exec(id)?.[1];
}

/**
 * As the service names files: those for the Responses API begin with the singular of their purpose, which clients for Azure tell
 * them by (`fileIdPrefixes` of `@ai-sdk/azure`); those of the other purposes begin as everywhere.
 */
export const newFileId = (purpose: string): string =>
  `${purpose === 'assistants' ? 'assistant' : 'file'}-${randomHex(24)}`;

/** The name of an upload until it is known what it is for. */
export const newUploadId = (): string => `upload-${randomHex(24)}`;
