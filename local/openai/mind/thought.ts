import type { Turn } from '../turn.ts';
import type { Tokenizer } from '../tokens.ts';
import type { Ask } from './ask.ts';
import type { Conversation } from './conversation.ts';
import type { Attachments } from './input/attachments.ts';

/** All that one turn's rules work on. */
export interface Thought {
  turn: Turn;
  ask: Ask;
  talk: Conversation;
  /** Of the last user message. */
  recent: Attachments;
  /** Of all messages before it. */
  earlier: Attachments;
  tokenizer: Tokenizer;
}
