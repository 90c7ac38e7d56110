import { TurnError } from '../turn.ts';
import type { Ask } from './ask.ts';
import type { Conversation } from './conversation.ts';

/** Context windows in tokens, by the beginning of the model's name (Azure's model page); the first match counts. */
const WINDOWS: readonly [RegExp, number][] = [
  [/^gpt-4\.1/, 1_047_576],
  [/^gpt-5.*chat|^gpt-chat/, 128_000],
  [/^gpt-5/, 400_000],
  [/^o\d/, 200_000],
];
const DEFAULT_WINDOW = 128_000;

function windowOf(model: string): number {
  return WINDOWS.find(([pattern]) => pattern.test(model))?.[1] ?? DEFAULT_WINDOW;
}

export interface InputCount {
  /** Tokens of each item of the conversation. */
  perItem: readonly number[];
  overhead: number;
}

export function totalOf({ perItem, overhead }: InputCount): number {
  return perItem.reduce((sum, tokens) => sum + tokens, overhead);
}

/**
 * The conversation as it fits the model: with `truncation: auto` the oldest items go, but never the last user message.
 * @throws TurnError 400 `context_length_exceeded` without it.
 */
export function fitWindow(
  model: string,
  ask: Ask,
  talk: Conversation,
  count: InputCount,
): { talk: Conversation; count: InputCount } {
  const limit = windowOf(model);
  let total = totalOf(count);
  if (total <= limit) return { talk, count };
  if (!ask.truncate) {
    throw new TurnError(
      400,
      'Your input exceeds the context window of this model. Please adjust your input and try again.',
      {
        code: 'context_length_exceeded',
        param: 'input',
      },
    );
  }
  const last = talk.items.length - talk.turn.length;
  let dropped = 0;
  while (total > limit && dropped < last) total -= count.perItem[dropped++] ?? 0;
  const perItem = count.perItem.slice(dropped);
  // What is still too long is the last message itself: the service would have cut it, and counts what fits.
  const excess = Math.max(0, total - limit);
  return {
    talk: { ...talk, items: talk.items.slice(dropped) },
    count: {
      perItem: perItem.map((tokens, index) => (index === 0 ? Math.max(0, tokens - excess) : tokens)),
      overhead: count.overhead,
    },
  };
}
