import type { Item, Turn } from '../../turn.ts';
import { describePictures } from '../answer/pictures.ts';
import { readPicture } from '../input/pictures.ts';
import type { Thought } from '../thought.ts';
import { fieldsOf, isFields, listOf, parseJson, stringOf, type Fields } from '../values.ts';
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
export async function tellOutputs({ talk, turn }: Pick<Thought, 'talk' | 'turn'>): Promise<string | undefined> {
  const outputs = talk.turn.filter((item) => OUTPUTS.has(item.type));
  if (outputs.length === 0) return undefined;
  return (await Promise.all(outputs.map((output) => tell(output, talk.items, turn)))).join('\n');
}

async function tell(output: Item, items: readonly Item[], turn: Turn): Promise<string> {
  const call = items.find((item) => item['call_id'] === output['call_id'] && item !== output);
  const name = stringOf(call?.['name']);
  const said = shorten(spoken(await parsed(output['output'], turn)), MAX_TOLD_CHARS);
  return name === undefined ? said : `${name}: ${said}`;
}

async function parsed(output: unknown, turn: Turn): Promise<unknown> {
  if (typeof output === 'string') return parseJson(output) ?? output;
  return (await Promise.all(listOf(output).map((part) => toldPart(fieldsOf(part), turn)))).join(' ');
}

async function toldPart(part: Fields, turn: Turn): Promise<string> {
  if (part['type'] === 'input_image') return describePictures('', [await readPicture(part, turn)]);
  return stringOf(part['text']) ?? `(${stringOf(part['type']) ?? 'part'})`;
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
