import { countInputTokens, loadTokenizer } from '../tokens.ts';
import type { Item, Turn, Usage } from '../turn.ts';
import { earlierRequests, isMessage, liveItems, readConversation, type Conversation } from './conversation.ts';
import { factsOf } from './facts.ts';
import { readAttachments, type Attachments } from './input/attachments.ts';
import { sealMemory, type DocumentDigest, type Memory } from './memory.ts';
import { openReasoning } from './reasoning.ts';
import { stringOf } from './values.ts';
import { shorten } from './words.ts';

/** How much of what was said survives a compaction. */
const MAX_REQUESTS = 100;
const MAX_REQUEST_CHARS = 500;
const MAX_PAGE_CHARS = 4_000;
const MAX_PAGES = 50;

/** The answer to `POST /responses/compact`: the window to go on with, and what it cost. */
export interface Compacted {
  /** The user messages as they are, then one `compaction` item. */
  output: Item[];
  usage: Usage;
}

/** Shrinks a conversation. @throws TurnError 400 for content that cannot be read or opened. */
export async function compact(turn: Turn): Promise<Compacted> {
  openReasoning(turn);
  const talk = readConversation(turn, stringOf(turn.request['instructions']) ?? '');
  const attached = await readAttachments(talk.items, turn);
  const input = await countInputTokens(turn);
  const item = compactionItem(turn, talk, attached);
  const output = (await loadTokenizer()).count(JSON.stringify(memoryOf(talk, attached)));
  return {
    output: [...liveItems(turn.context).filter((entry) => isMessage(entry, 'user')), item],
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + output,
    },
  };
}

/** The sealed item that carries the conversation on. */
export function compactionItem(turn: Pick<Turn, 'seal' | 'newId'>, talk: Conversation, attached: Attachments): Item {
  return { type: 'compaction', id: turn.newId('cmp'), encrypted_content: sealMemory(turn, memoryOf(talk, attached)) };
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
