import type { Item, Turn } from '../turn.ts';
import { fieldsOf, listOf, parseJson, stringOf, stringsOf } from './values.ts';

/** Something the user told: `{ subject: 'my name', value: 'Ada' }`. A note has the subject `note`. */
export interface Fact {
  subject: string;
  value: string;
}

/** What one document leaves behind when the window is compacted. */
export interface DocumentDigest {
  name: string;
  title: string;
  /** Text of each page, cut. */
  pages: readonly string[];
}

/** What a compaction item carries from one window into the next. */
export interface Memory {
  facts: readonly Fact[];
  /** Texts of the user messages, oldest first. */
  requests: readonly string[];
  guidance: string;
  documents: readonly DocumentDigest[];
}

const EMPTY_MEMORY: Memory = Object.freeze({ facts: [], requests: [], guidance: '', documents: [] });

export function sealMemory(turn: Pick<Turn, 'seal'>, memory: Memory): string {
  return turn.seal(JSON.stringify({ kind: 'compaction', ...memory }));
}

/** Reads a compaction item, or nothing. @throws TurnError `invalid_encrypted_content` when another resource sealed it. */
export function openMemory(turn: Pick<Turn, 'unseal'>, item: Item | undefined): Memory {
  if (!item) return EMPTY_MEMORY;
  const carried = fieldsOf(parseJson(turn.unseal(stringOf(item['encrypted_content']) ?? '')));
  return {
    facts: listOf(carried['facts']).map(fieldsOf).map(readFact),
    requests: stringsOf(carried['requests']),
    guidance: stringOf(carried['guidance']) ?? '',
    documents: listOf(carried['documents'])
      .map(fieldsOf)
      .map((entry) => ({
        name: stringOf(entry['name']) ?? '',
        title: stringOf(entry['title']) ?? '',
        pages: stringsOf(entry['pages']),
      })),
  };
}

function readFact(fact: Readonly<Record<string, unknown>>): Fact {
  return { subject: stringOf(fact['subject']) ?? '', value: stringOf(fact['value']) ?? '' };
}
