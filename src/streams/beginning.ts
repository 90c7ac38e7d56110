import type { Item, JsonObject } from '../upstream/wire.ts';

/** What is still empty in an item when it is announced, by its type. */
const EMPTY: Readonly<Record<string, JsonObject>> = {
  message: { content: [] },
  reasoning: { summary: [], content: [] },
  function_call: { arguments: '' },
  custom_tool_call: { input: '' },
  code_interpreter_call: { code: '', outputs: [] },
  file_search_call: { queries: [], results: null },
  mcp_list_tools: { tools: [] },
  mcp_call: { arguments: '', output: null, error: null },
  tool_search_call: { arguments: {} },
};

/** Keys that come only with the end of the item. */
const LATER: Readonly<Record<string, readonly string[]>> = {
  web_search_call: ['action'],
  mcp_list_tools: ['error'],
};

/**
 * An item as it is announced in a stream: same id and type, nothing in it yet. As in the streams of Azure and OpenAI that were
 * recorded for the AI SDK (vercel/ai, `__fixtures__`): an image call has no more than its status, and items without events
 * of their own (approval requests, calls of a computer, compactions ...) are announced whole.
 */
export function beginningOf(item: Item): JsonObject {
  const { id, type } = item;
  if (type === 'image_generation_call') return { id, type, status: 'in_progress' };
  const empty = EMPTY[type] ?? {};
  const later = LATER[type] ?? [];
  const entries = Object.entries(item)
    .filter(([key]) => !later.includes(key))
    // What was not asked to be included is null from the beginning.
    .map(([key, value]) => [key, value !== null && key in empty ? empty[key] : value] as const);
  return { ...Object.fromEntries(entries), ...('status' in item ? { status: 'in_progress' } : {}) };
}
