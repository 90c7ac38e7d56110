import type { Thought } from '../thought.ts';
import { stringOf, type Fields } from '../values.ts';

/** How a hosted tool stands to the request: it must run, it may, or it must not. */
export type Standing = 'forced' | 'free' | 'barred';

/** Names under which one tool may be forced. */
const ALIASES: Readonly<Record<string, string>> = {
  web_search_preview: 'web_search',
  web_search_preview_2025_03_11: 'web_search',
  web_search_2025_08_26: 'web_search',
  computer_use: 'computer_use_preview',
  computer: 'computer_use_preview',
};

/** One name for all versions of a tool. */
export function kindOf(type: string): string {
  return ALIASES[type] ?? type;
}

export function standingOf({ ask: { toolChoice, tools } }: Pick<Thought, 'ask'>, tool: Fields): Standing {
  if (toolChoice.mode === 'none') return 'barred';
  // "required" with a single tool forces that one.
  if (toolChoice.mode === 'required') return tools.length === 1 ? 'forced' : 'free';
  if (toolChoice.mode !== 'forced') return 'free';
  const type = stringOf(tool['type']) ?? '';
  if (kindOf(toolChoice.type) !== kindOf(type)) return 'barred';
  const { serverLabel } = toolChoice;
  return serverLabel === undefined || serverLabel === tool['server_label'] ? 'forced' : 'barred';
}

/** True when the tool has already done its work since the last user message. */
export function hasRun({ talk }: Pick<Thought, 'talk'>, type: string): boolean {
  return talk.turn.some((item) => item.type === type);
}
