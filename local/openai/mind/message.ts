import type { Item, Turn } from '../turn.ts';
import type { Tokenizer } from '../tokens.ts';
import type { Ask } from './ask.ts';
import { hashOf, type Fields } from './values.ts';

/** A file of a container, or a page, that the text cites. */
export type Annotation = Fields;

export interface MessageOptions {
  annotations?: readonly Annotation[];
  refusal?: boolean;
}

/** An assistant message in its final form. */
export function message(
  { turn, ask, tokenizer }: { turn: Pick<Turn, 'newId' | 'model'>; ask: Ask; tokenizer: Tokenizer },
  text: string,
  options: MessageOptions = {},
): Item {
  const part = options.refusal
    ? { type: 'refusal', refusal: text }
    : {
        type: 'output_text',
        text,
        annotations: options.annotations ?? [],
        logprobs: ask.include.has('message.output_text.logprobs') ? logprobs(text, ask.topLogprobs, tokenizer) : [],
      };
  return {
    type: 'message',
    id: turn.newId('msg'),
    status: 'completed',
    role: 'assistant',
    content: [part],
    ...(hasPhases(turn.model) && { phase: 'final_answer' }),
  };
}

/** The models from gpt-5.3 on say which phase a message belongs to; clients must send that back. */
function hasPhases(model: string): boolean {
  return /^gpt-5\.[3-9](?!.*chat)/.test(model);
}

interface Logprob {
  token: string;
  bytes: number[];
  logprob: number;
}

/** Candidates that stand beside the chosen token. */
const OTHERS = [' the', ' a', '.', ',', ' and', ' of', ' to', ' is', ' in', '\n'];

/** One entry a token: likelihoods that depend on the text alone and fall from the chosen one on. */
function logprobs(text: string, top: number, tokenizer: Tokenizer): (Logprob & { top_logprobs: Logprob[] })[] {
  return tokenizer.split(text).map((token, index) => {
    const chosen = entry(token, -(hashOf(`${index}${token}`) % 400) / 1_000);
    const others = Array.from({ length: Math.max(0, top - 1) }, (_, rank) =>
      entry(OTHERS[rank % OTHERS.length] ?? ' ', chosen.logprob - 1.5 - rank * 0.5),
    );
    return { ...chosen, top_logprobs: top > 0 ? [chosen, ...others] : [] };
  });
}

function entry(token: string, logprob: number): Logprob {
  return { token, bytes: [...Buffer.from(token)], logprob };
}
