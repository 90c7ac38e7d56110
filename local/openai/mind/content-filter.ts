import { TurnError } from '../turn.ts';
import { isMessage, textOf, type Conversation } from './conversation.ts';

/** Write this in a message (or `content-filter:prompt:violence`) and the prompt is blocked. */
const PROMPT_TRIGGER = /\bcontent-filter:prompt(?::(hate|jailbreak|self_harm|sexual|violence))?\b/i;
/** Write this and the answer is cut off by the filter of the output. */
const OUTPUT_TRIGGER = /\bcontent-filter:output\b/i;

/** What the real filter would catch too; a handful, so that a demonstration needs no magic word. */
const BAD_PROMPTS: readonly [RegExp, string][] = [
  [/\b(?:build|make|assemble) (?:a |an )?(?:pipe )?bomb\b/i, 'violence'],
  [/\bignore (?:all |any )?(?:previous|prior|above) instructions and (?:reveal|print|show)\b/i, 'jailbreak'],
];

/** Refuses a prompt as Azure's filter does. @throws TurnError 400 `content_filter`. */
export function filterPrompt(talk: Conversation): void {
  for (const item of talk.fresh) {
    if (item.type !== 'message' || isMessage(item, 'assistant')) continue;
    const category = categoryOf(textOf(item));
    if (category !== undefined) throw blocked(category);
  }
}

/** True when the answer to this prompt is cut off by the output filter. */
export function filtersOutput(talk: Conversation): boolean {
  return OUTPUT_TRIGGER.test(talk.prompt);
}

function categoryOf(text: string): string | undefined {
  // A plain search first: the text may have ten megabytes.
  if (!/content-filter|bomb|instructions/i.test(text)) return undefined;
  const trigger = PROMPT_TRIGGER.exec(text);
  if (trigger) return trigger[1]?.toLowerCase() ?? 'violence';
  return BAD_PROMPTS.find(([pattern]) => pattern.test(text))?.[1];
}

/** Azure's own shape: `type` is null, the categories stand in `innererror`. */
function blocked(category: string): TurnError {
  const verdict = (name: string): Record<string, unknown> =>
    name === 'jailbreak'
      ? { filtered: name === category, detected: name === category }
      : { filtered: name === category, severity: name === category ? 'high' : 'safe' };
  return new TurnError(
    400,
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
    {
      code: 'content_filter',
      param: 'prompt',
      extra: {
        type: null,
        status: 400,
        innererror: {
          code: 'ResponsibleAIPolicyViolation',
          content_filter_result: Object.fromEntries(
            ['hate', 'jailbreak', 'self_harm', 'sexual', 'violence'].map((name) => [name, verdict(name)]),
          ),
        },
      },
    },
  );
}
