import type { Item, Turn } from '../turn.ts';
import { openMemory, type Memory } from './memory.ts';
import { fieldsOf, listOf, stringOf } from './values.ts';

/** What the mind sees of the context: everything after the latest compaction, and what that carried over. */
export interface Conversation {
  /** Items after the latest compaction item, oldest first. */
  items: readonly Item[];
  /** What the latest compaction item carried; empty without one. */
  memory: Memory;
  /** Text of the last user message; of a very long one the beginning and the end. */
  prompt: string;
  /** The last user message and everything after it. */
  turn: readonly Item[];
  /** Items after the last one that the model made: this turn's own input. */
  fresh: readonly Item[];
  /** `instructions`, system and developer messages. */
  guidance: string;
  /** The guidance that belongs to the conversation: without `instructions`, which hold for one request only. */
  carried: string;
}

const MADE_BY_CALLER = new Set([
  'function_call_output',
  'custom_tool_call_output',
  'computer_call_output',
  'local_shell_call_output',
  'shell_call_output',
  'apply_patch_call_output',
  'mcp_approval_response',
  'item_reference',
  'compaction_trigger',
  'additional_tools',
  'configuration_update',
]);

/** True for an item that a model made, false for one that the caller sent. */
export function madeByModel(item: Item): boolean {
  if (item.type === 'message') return item['role'] === 'assistant';
  if (item.type === 'tool_search_output') return item['execution'] !== 'client';
  return !MADE_BY_CALLER.has(item.type);
}

export function isMessage(item: Item, role: string): boolean {
  return item.type === 'message' && item['role'] === role;
}

/** The text of a message, parts joined by line breaks. */
export function textOf(item: Item): string {
  const content = item['content'];
  if (typeof content === 'string') return content;
  const known = joined.get(item);
  if (known !== undefined) return known;
  const texts = [];
  for (const part of listOf(content).map(fieldsOf)) {
    const text = stringOf(part['text']) ?? stringOf(part['refusal']);
    if (text !== undefined) texts.push(text);
  }
  const text = texts.join('\n');
  joined.set(item, text);
  return text;
}

/** Items do not change: in a long chain every turn reads the same ones again. */
const joined = new WeakMap<Item, string>();

/** Splits the context at the latest compaction item and reads what it carries. @throws TurnError when it cannot be opened. */
export function readConversation(turn: Turn, instructions: string): Conversation {
  const context = turn.context;
  const items = liveItems(context);
  const memory = openMemory(turn, context[context.length - items.length - 1]);
  const carried = carriedGuidance(memory, items);
  const lastUser = lastUserIndex(items);
  const prompt = items[lastUser] ?? context.findLast((item) => isMessage(item, 'user'));
  return {
    items,
    memory,
    prompt: prompt ? endsOf(textOf(prompt).trim()) : '',
    turn: lastUser < 0 ? items : items.slice(lastUser),
    fresh: context.slice(context.findLastIndex(madeByModel) + 1),
    guidance: [instructions, carried].filter((line) => line !== '').join('\n'),
    carried,
  };
}

/** The items after the latest compaction item, which stands for all before it. */
export function liveItems(context: readonly Item[]): readonly Item[] {
  const compacted = context.findLastIndex((item) => item.type === 'compaction');
  return compacted < 0 ? context : context.slice(compacted + 1);
}

/** How much of a message the rules read: what is longer is material with a request before or after it. */
const MAX_PROMPT_CHARS = 20_000;

function endsOf(text: string): string {
  if (text.length <= MAX_PROMPT_CHARS) return text;
  const half = MAX_PROMPT_CHARS / 2;
  return `${text.slice(0, half)}\n…\n${text.slice(-half)}`;
}

function lastUserIndex(items: readonly Item[]): number {
  return items.findLastIndex((item) => isMessage(item, 'user'));
}

function carriedGuidance(memory: Memory, items: readonly Item[]): string {
  const lines = [memory.guidance];
  for (const item of items) {
    if (item.type === 'message' && (item['role'] === 'system' || item['role'] === 'developer'))
      lines.push(textOf(item));
  }
  return lines.filter((line) => line !== '').join('\n');
}

/** Texts of the user messages before the last one, oldest first, those of a compacted window included. */
export function earlierRequests(talk: Conversation): readonly string[] {
  const known = requests.get(talk);
  if (known) return known;
  const said = talk.items.filter((item) => isMessage(item, 'user')).map(textOf);
  const earlier = [...talk.memory.requests, ...said.slice(0, -1)];
  requests.set(talk, earlier);
  return earlier;
}

const requests = new WeakMap<Conversation, readonly string[]>();
