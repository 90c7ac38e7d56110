import type { Item } from '../../turn.ts';
import type { Thought } from '../thought.ts';
import { fieldsOf, isFields, listOf, parseJson, stringOf } from '../values.ts';
import { shorten } from '../words.ts';

const OUTPUTS = new Set([
  'function_call_output',
  'custom_tool_call_output',
  'shell_call_output',
  'local_shell_call_output',
  'apply_patch_call_output',
]);

/** Longest tool output that is told again. */
const MAX_TOLD_CHARS = 2_000;

/** What the tools that the caller ran have given, in sentences; `undefined` when there is nothing new. */
export function tellOutputs({ talk }: Pick<Thought, 'talk'>): string | undefined {
  const outputs = talk.turn.filter((item) => OUTPUTS.has(item.type));
  if (outputs.length === 0) return undefined;
  return outputs.map((output) => tell(output, talk.items)).join('\n');
}

function tell(output: Item, items: readonly Item[]): string {
  const call = items.find((item) => item['call_id'] === output['call_id'] && item !== output);
  const name = stringOf(call?.['name']);
  const said = shorten(spoken(parsed(output['output'])), MAX_TOLD_CHARS);
  return name === undefined ? said : `${name}: ${said}`;
}

function parsed(output: unknown): unknown {
  if (typeof output !== 'string') {
    return listOf(output)
      .map(fieldsOf)
      .map((part) => stringOf(part['text']) ?? `(${stringOf(part['type']) ?? 'part'})`)
      .join(' ');
  }
  return parseJson(output) ?? output;
}

/** `{"location":"Rome","temperature":"70 F"}` is "location Rome, temperature 70 F". */
function spoken(value: unknown): string {
  if (Array.isArray(value)) return value.map(spoken).join('; ');
  if (isFields(value)) {
    return Object.entries(value)
      .map(([key, entry]) => `${key.replace(/_/g, ' ')} ${spoken(entry)}`)
      .join(', ');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
