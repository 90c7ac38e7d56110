import { newId } from '../ids.ts';
import { CALL_ID_MAX_CHARACTERS } from '../limits.ts';
import { invalid, missingParameter, unsupportedValue, wrongText } from '../refusals.ts';
import type { Item } from '../turn.ts';
import { normaliseContent, refuseImageFile } from './content.ts';

/** Items that Azure takes as input, with the prefix of the id that it gives them and the keys that they must have. */
const ITEMS: ReadonlyMap<string, { prefix: string; required: readonly string[] }> = new Map(
  Object.entries({
    message: { prefix: 'msg', required: ['role', 'content'] },
    item_reference: { prefix: 'ref', required: ['id'] },
    reasoning: { prefix: 'rs', required: ['summary'] },
    compaction: { prefix: 'cmp', required: ['encrypted_content'] },
    compaction_trigger: { prefix: 'cmpt', required: [] },
    function_call: { prefix: 'fc', required: ['call_id', 'name', 'arguments'] },
    function_call_output: { prefix: 'fco', required: ['call_id', 'output'] },
    custom_tool_call: { prefix: 'ctc', required: ['call_id', 'name', 'input'] },
    custom_tool_call_output: { prefix: 'ctco', required: ['call_id', 'output'] },
    computer_call: { prefix: 'cu', required: ['call_id'] },
    computer_call_output: { prefix: 'cuo', required: ['call_id', 'output'] },
    code_interpreter_call: { prefix: 'ci', required: ['container_id'] },
    image_generation_call: { prefix: 'ig', required: [] },
    mcp_list_tools: { prefix: 'mcpl', required: ['server_label', 'tools'] },
    mcp_call: { prefix: 'mcp', required: ['server_label', 'name', 'arguments'] },
    mcp_approval_request: { prefix: 'mcpr', required: ['server_label', 'name'] },
    mcp_approval_response: { prefix: 'mcpa', required: ['approval_request_id', 'approve'] },
    web_search_call: { prefix: 'ws', required: [] },
    file_search_call: { prefix: 'fs', required: [] },
    local_shell_call: { prefix: 'lsh', required: ['call_id'] },
    local_shell_call_output: { prefix: 'lsho', required: ['output'] },
    shell_call: { prefix: 'sh', required: ['call_id'] },
    shell_call_output: { prefix: 'sho', required: ['call_id', 'output'] },
    apply_patch_call: { prefix: 'ap', required: ['call_id'] },
    apply_patch_call_output: { prefix: 'apo', required: ['call_id'] },
    tool_search_call: { prefix: 'tsc', required: ['arguments'] },
    tool_search_output: { prefix: 'tso', required: ['tools'] },
    program: { prefix: 'pr', required: [] },
    program_output: { prefix: 'pro', required: [] },
    configuration_update: { prefix: 'cfgu', required: [] },
    additional_tools: { prefix: 'at', required: ['tools'] },
  }),
);

/** Checks the items of a request and gives each its full form: a type, an id, content in parts. @throws Refusal 400. */
export function normaliseInput(
  input: string | readonly Record<string, unknown>[] | null | undefined,
  stem: string,
  now: number,
): Item[] {
  if (input == null) return [];
  if (typeof input === 'string') {
    return [
      {
        id: newId('msg', stem, now),
        type: 'message',
        status: 'completed',
        role: 'user',
        content: [{ type: 'input_text', text: input }],
      },
    ];
  }
  return input.map((item, index) => normaliseItem(item, `input[${index}]`, stem, now));
}

function normaliseItem(item: Record<string, unknown>, param: string, stem: string, now: number): Item {
  const { type, prefix } = kindOf(item, param);
  // A search that the service has made itself has none.
  if (!(item.call_id === null && type.startsWith('tool_search_'))) checkCallId(item.call_id, param);
  if (type === 'function_call' && typeof item.arguments !== 'string') {
    throw wrongText(`${param}.arguments`, item.arguments);
  }
  checkImages(type, item, param);
  const id = typeof item.id === 'string' && item.id !== '' ? item.id : newId(prefix, stem, now);
  if (type !== 'message') return { ...item, id, type };
  return { ...item, id, type, status: item.status ?? 'completed', content: normaliseContent(item, param) };
}

/** @throws Refusal 400 when the type is unknown or the item lacks what its type needs. */
function kindOf(item: Record<string, unknown>, param: string): { type: string; prefix: string } {
  const type = item.type ?? (item.role === undefined ? undefined : 'message');
  if (type === undefined) throw missingParameter(`${param}.type`);
  const kind = typeof type === 'string' ? ITEMS.get(type) : undefined;
  if (typeof type !== 'string' || !kind) throw unsupportedValue(param, type, [...ITEMS.keys()]);
  const missing = kind.required.find((key) => item[key] === undefined);
  if (missing !== undefined) throw missingParameter(`${param}.${missing}`);
  return { type, prefix: kind.prefix };
}

function checkCallId(callId: unknown, param: string): void {
  if (callId === undefined) return;
  if (typeof callId !== 'string') throw wrongText(`${param}.call_id`, callId);
  if (callId.length > CALL_ID_MAX_CHARACTERS) {
    throw invalid(
      `Invalid '${param}.call_id': string too long. Expected a string with maximum length ${CALL_ID_MAX_CHARACTERS}, but got a string with length ${callId.length} instead.`,
      `${param}.call_id`,
      'string_above_max_length',
    );
  }
}

/** Azure edits an image only when its bytes are in the same request. */
function checkImages(type: string, item: Record<string, unknown>, param: string): void {
  if (type === 'image_generation_call' && typeof item.result !== 'string') {
    throw invalid('Multi-turn image editing is not supported: send the image as input_image data.', param);
  }
  const output = item.output;
  if (type === 'computer_call_output' && typeof output === 'object' && output !== null && 'file_id' in output) {
    refuseImageFile(output.file_id, `${param}.output.file_id`);
  }
}
