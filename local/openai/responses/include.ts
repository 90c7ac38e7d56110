import { echoTools } from '../requests/tools.ts';
import { INCLUDABLE } from '../requests/schema.ts';
import { unsupportedValue } from '../refusals.ts';
import type { WireResponse } from '../store/record.ts';
import type { Item } from '../turn.ts';

/** @throws Refusal 400 for a value that does not exist. */
export function checkInclude(include: readonly string[]): void {
  const wrong = include.findIndex((value) => !INCLUDABLE.some((name) => name === value));
  if (wrong === -1) return;
  throw unsupportedValue(`include[${wrong}]`, include[wrong], INCLUDABLE);
}

/** The response as one reader may see it: what nobody asked to include is left out. */
export function visible(response: WireResponse, include: ReadonlySet<string>): WireResponse {
  if (response.output.every((item) => !HIDING.has(item.type))) return response;
  return { ...response, output: response.output.map((item) => visibleItem(item, include)) };
}

const HIDING: ReadonlySet<string> = new Set([
  'reasoning',
  'code_interpreter_call',
  'message',
  'file_search_call',
  'computer_call_output',
  'tool_search_output',
]);

/** One item as the reader may see it; the item itself when there is nothing to hide. */
export function visibleItem(item: Item, include: ReadonlySet<string>): Item {
  switch (item.type) {
    case 'reasoning':
      return include.has('reasoning.encrypted_content') ? item : without(item, 'encrypted_content');
    case 'code_interpreter_call':
      return include.has('code_interpreter_call.outputs') ? item : { ...item, outputs: null };
    case 'file_search_call':
      return include.has('file_search_call.results') ? item : { ...item, results: null };
    case 'computer_call_output':
      return include.has('computer_call_output.output.image_url') ? item : hideScreenshot(item);
    case 'tool_search_output':
      return { ...item, tools: echoTools(item.tools) };
    case 'message':
      return visibleMessage(item, include);
    default:
      return item;
  }
}

function without(item: Item, key: string): Item {
  if (!(key in item)) return item;
  const { [key]: _hidden, ...rest } = item;
  return { ...rest, id: item.id, type: item.type };
}

function hideScreenshot(item: Item): Item {
  const { output } = item;
  return typeof output === 'object' && output !== null ? { ...item, output: { ...output, image_url: null } } : item;
}

function visibleMessage(item: Item, include: ReadonlySet<string>): Item {
  const { content } = item;
  if (!Array.isArray(content)) return item;
  const parts = content.map((part: unknown) => visiblePart(part, include));
  return parts.every((part, index) => part === content[index]) ? item : { ...item, content: parts };
}

function visiblePart(part: unknown, include: ReadonlySet<string>): unknown {
  if (typeof part !== 'object' || part === null || !('type' in part)) return part;
  if (part.type === 'input_image' && !include.has('message.input_image.image_url')) return { ...part, image_url: null };
  const hasLogprobs = 'logprobs' in part && Array.isArray(part.logprobs) && part.logprobs.length > 0;
  if (part.type === 'output_text' && hasLogprobs && !include.has('message.output_text.logprobs')) {
    return { ...part, logprobs: [] };
  }
  return part;
}
