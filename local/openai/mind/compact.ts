import type { Item, Turn } from '../turn.ts';
import { earlierRequests, type Conversation } from './conversation.ts';
import { factsOf } from './facts.ts';
import type { Attachments } from './input/attachments.ts';
import { sealMemory, type DocumentDigest, type Memory } from './memory.ts';
import { shorten } from './words.ts';

/** How much of what was said survives a compaction. */
const MAX_REQUESTS = 100;
const MAX_REQUEST_CHARS = 500;
const MAX_PAGE_CHARS = 4_000;
const MAX_PAGES = 50;

/** The sealed item that carries the conversation on. */
export function compactionItem(turn: Pick<Turn, 'seal' | 'newId'>, talk: Conversation, attached: Attachments): Item {
  return {
    type: 'compaction',
    id: turn.newId('cmp'),
    encrypted_content: sealMemory(turn, memoryOf(talk, attached)),
  };
}

function memoryOf(talk: Conversation, { documents }: Attachments): Memory {
  const requests = [...earlierRequests(talk), talk.prompt].filter((text) => text !== '');
  return {
    facts: factsOf(talk),
    requests: requests.slice(-MAX_REQUESTS).map((text) => shorten(text, MAX_REQUEST_CHARS)),
    guidance: talk.carried,
    documents: [...talk.memory.documents, ...documents.map(digest)],
  };
}

function digest({ name, title, pages }: DocumentDigest): DocumentDigest {
  return { name, title, pages: pages.slice(0, MAX_PAGES).map((page) => shorten(page, MAX_PAGE_CHARS)) };
}
