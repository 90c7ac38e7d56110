import { invalid, itemNotFound, previousResponseNotFound, unknownSeal } from '../refusals.ts';
import type { Seals } from '../seals.ts';
import { isTerminal, type StoredResponse } from '../store/record.ts';
import type { Responses } from '../store/responses.ts';
import type { Item } from '../turn.ts';

/** The turns that lead to a response, root first, itself included; `lost` when one of them is no longer known. */
export function turnsUpTo(responses: Responses, record: StoredResponse): { turns: StoredResponse[]; lost: boolean } {
  const turns = [record];
  for (let parent = record.response.previous_response_id; parent !== null;) {
    const turn = responses.get(parent);
    if (!turn) return { turns: turns.reverse(), lost: true };
    turns.push(turn);
    parent = turn.response.previous_response_id;
  }
  return { turns: turns.reverse(), lost: false };
}

/**
 * The turns that a new one continues.
 * @throws Refusal 400 `previous_response_not_found` when one of them is unknown, 400 when the last has not ended yet.
 */
export function chainOf(responses: Responses, id: string): StoredResponse[] {
  const parent = responses.get(id);
  if (!parent) throw previousResponseNotFound(id);
  if (!isTerminal(parent.response.status)) {
    throw invalid(
      `Previous response with id '${id}' has not finished yet: its status is '${parent.response.status}'.`,
      'previous_response_id',
    );
  }
  const { turns, lost } = turnsUpTo(responses, parent);
  if (lost) throw previousResponseNotFound(id);
  return turns;
}

/** What was said in these turns, oldest first. */
export const itemsOf = (turns: readonly StoredResponse[]): Item[] =>
  turns.flatMap(({ input, response }) => [...input, ...response.output]);

/**
 * This turn's input with references replaced by the items they stand for, and seals checked.
 * @throws Refusal 404 for an unknown item, 400 for a seal that another resource made.
 */
export function resolveInput(responses: Responses, seals: Seals, input: readonly Item[]): Item[] {
  return input.map((item) => {
    if (item.type === 'item_reference') return storedItem(responses, item.id);
    const sealed = item.encrypted_content;
    if (typeof sealed === 'string') {
      if (seals.open(sealed) === undefined) throw unknownSeal(item.id);
      return item;
    }
    // Reasoning without its sealed content is only a name for what the service keeps.
    return item.type === 'reasoning' ? storedItem(responses, item.id) : item;
  });
}

function storedItem(responses: Responses, id: string): Item {
  const source = responses.ofItem(id);
  const item = source && [...source.response.output, ...source.input].find((candidate) => candidate.id === id);
  if (!item) throw itemNotFound(id);
  return item;
}

const CALLS: ReadonlyMap<string, string> = new Map([
  ['function_call', 'function call'],
  ['custom_tool_call', 'custom tool call'],
  ['computer_call', 'computer call'],
]);

/** @throws Refusal 400 when an item comes twice, a call lacks its output, or an output its call. */
export function checkConversation(context: readonly Item[]): void {
  const seen = new Set<string>();
  const open = new Map<string, string>();
  const made = new Set<string>();
  for (const item of context) {
    if (seen.has(item.id)) {
      throw invalid(
        `Duplicate item found with id ${item.id}. Remove duplicate items from your input and try again.`,
        'input',
      );
    }
    seen.add(item.id);
    const callId = item.call_id;
    if (typeof callId !== 'string') continue;
    const call = CALLS.get(item.type);
    if (call !== undefined) {
      open.set(callId, call);
      made.add(callId);
      continue;
    }
    const answered = CALLS.get(item.type.replace(/_output$/, ''));
    if (answered === undefined) continue;
    if (!made.has(callId)) throw invalid(`No tool call found for ${answered} output with call_id ${callId}.`, 'input');
    open.delete(callId);
  }
  for (const [callId, call] of open) throw invalid(`No tool output found for ${call} ${callId}.`, 'input');
}
