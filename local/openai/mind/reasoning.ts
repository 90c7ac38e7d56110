import type { Item, Turn } from '../turn.ts';
import type { Ask } from './ask.ts';
import type { Conversation } from './conversation.ts';
import { stringOf } from './values.ts';
import { shorten } from './words.ts';

/** Tokens that thinking costs, by effort; the service counts them in steps of 64. */
const TOKENS_BY_EFFORT: Readonly<Record<string, number>> = {
  minimal: 0,
  low: 64,
  medium: 192,
  high: 448,
  xhigh: 960,
  max: 1_984,
};

export function thinkingTokens(ask: Ask): number {
  return ask.reasoning ? (TOKENS_BY_EFFORT[ask.reasoning.effort] ?? 192) : 0;
}

/** The item that a reasoning model begins with; `undefined` for one that does not reason. */
export function reasoningItem(turn: Turn, ask: Ask, talk: Conversation): Item | undefined {
  if (!ask.reasoning) return undefined;
  const trace = `Request: "${shorten(talk.prompt, 200)}". I look for an order, a document, a tool or a fact that fits, and answer by the first one.`;
  const sealed = ask.include.has('reasoning.encrypted_content') || !ask.store;
  return {
    type: 'reasoning',
    id: turn.newId('rs'),
    summary: ask.reasoning.summary ? [{ type: 'summary_text', text: `**Reading the request**\n\n${trace}` }] : [],
    ...(sealed && { encrypted_content: turn.seal(JSON.stringify({ kind: 'reasoning', trace })) }),
  };
}

const opened = new WeakSet<Item>();

/** Opens every sealed reasoning item of the context. @throws TurnError `invalid_encrypted_content` for another resource's. */
export function openReasoning(turn: Turn): void {
  for (const item of turn.context) {
    if (item.type !== 'reasoning' || opened.has(item)) continue;
    const sealed = stringOf(item['encrypted_content']);
    if (sealed !== undefined) turn.unseal(sealed);
    opened.add(item);
  }
}
