import { isObject, type Item, type JsonObject } from '../upstream/wire.ts';

/** An item of a list as the API shows it: what is large or sealed is left out unless `include` names it. */
export function visibleItem(item: Item, include: readonly string[]): Item {
  switch (item.type) {
    case 'reasoning':
      return include.includes('reasoning.encrypted_content') ? item : withoutSeal(item);
    case 'code_interpreter_call':
      return include.includes('code_interpreter_call.outputs') ? item : { ...item, outputs: null };
    case 'file_search_call':
      return include.includes('file_search_call.results') ? item : { ...item, results: null };
    case 'computer_call_output':
      return include.includes('computer_call_output.output.image_url') || !isObject(item.output)
        ? item
        : { ...item, output: { ...item.output, image_url: null } };
    case 'message':
      return Array.isArray(item.content)
        ? {
            ...item,
            content: item.content.map((part) => (isObject(part) ? visiblePart(part, include) : (part as unknown))),
          }
        : item;
    default:
      return item;
  }
}

function withoutSeal(item: Item): Item {
  const { encrypted_content: _sealed, ...rest } = item;
  return { ...rest, id: item.id, type: item.type };
}

function visiblePart(part: JsonObject, include: readonly string[]): JsonObject {
  if (part.type === 'input_image' && typeof part.image_url === 'string') {
    return include.includes('message.input_image.image_url') ? part : { ...part, image_url: null };
  }
  const { logprobs } = part;
  if (!Array.isArray(logprobs) || logprobs.length === 0) return part;
  return include.includes('message.output_text.logprobs') ? part : { ...part, logprobs: [] };
}
