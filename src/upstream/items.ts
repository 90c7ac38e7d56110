import { newItemId } from '../platform/ids.ts';
import type { Item, JsonObject } from './wire.ts';

/** Id prefixes of the API by item type; others take the type itself. */
const ID_PREFIXES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    message: 'msg',
    reasoning: 'rs',
    function_call: 'fc',
    function_call_output: 'fco',
    custom_tool_call: 'ctc',
    custom_tool_call_output: 'ctco',
    computer_call: 'cu',
    computer_call_output: 'cuo',
    image_generation_call: 'ig',
    code_interpreter_call: 'ci',
    mcp_call: 'mcp',
    mcp_list_tools: 'mcpl',
    mcp_approval_request: 'mcpr',
    mcp_approval_response: 'mcpa',
    compaction: 'cmp',
  }),
);

/** An item with an id and a type: the "easy" message form has neither, and paging of input items needs both. */
export function toItem(raw: JsonObject): Item {
  const type = typeof raw.type === 'string' ? raw.type : 'message';
  const id = typeof raw.id === 'string' && raw.id !== '' ? raw.id : newItemId(ID_PREFIXES.get(type) ?? 'item');
  return { ...raw, type, id };
}
