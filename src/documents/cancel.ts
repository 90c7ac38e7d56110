import type { JsonObject } from '../upstream/wire.ts';
import type { AdvanceDocument } from './advance.ts';
import { changeable, presentDocument } from './browse.ts';
import type { DocumentEntries } from './entries.ts';
import { hasEnded } from './entry.ts';

/** Cancels a document at work. Idempotent: one that has ended is given back unchanged. */
export type CancelDocument = (caller: string, key: string) => Promise<JsonObject>;

export function createCancelDocument(deps: { entries: DocumentEntries; advance: AdvanceDocument }): CancelDocument {
  return async (caller, key) => {
    const entry = await changeable(deps.entries, caller, key);
    await deps.entries.update(key, (now) => (hasEnded(now) ? undefined : { ...now, cancelRequested: true }));
    // The loop would see it at its next round; the caller should not have to wait for that.
    await deps.advance(key);
    return presentDocument((await deps.entries.read(key)) ?? entry);
  };
}
