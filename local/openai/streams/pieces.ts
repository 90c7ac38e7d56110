import { randomHex } from '../ids.ts';

/** Deltas are padded to a multiple of this, so that their length tells an eavesdropper little. */
const PADDED_CHARACTERS = 16;

/** Cuts text into pieces about as long as tokens: a word with the space before it. */
export function piecesOf(text: string): string[] {
  return text.match(/\s*[\p{L}\p{N}_]+|\s*[^\p{L}\p{N}_\s]{1,4}|\s+/gu) ?? [];
}

/** The filler that goes beside a delta. */
export function obfuscation(delta: string): string {
  return randomHex((PADDED_CHARACTERS - (delta.length % PADDED_CHARACTERS)) % PADDED_CHARACTERS);
}
