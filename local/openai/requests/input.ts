import { newId } from '../ids.ts';
import { CALL_ID_MAX_CHARACTERS } from '../limits.ts';
import { invalid, invalidValue, missingParameter } from '../refusals.ts';
import type { Item } from '../turn.ts';

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
    tool_search_call: { prefix: 'ts', required: [] },
    tool_search_output: { prefix: 'tso', required: [] },
    program: { prefix: 'pr', required: [] },
    program_output: { prefix: 'pro', required: [] },
    additional_tools: { prefix: 'at', required: [] },
  }),
);

const ROLES = ['user', 'assistant', 'system', 'developer'];
const PARTS_IN = ['input_text', 'input_image', 'input_file'];
const PARTS_OUT = ['output_text', 'refusal'];

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
  const type = item.type ?? (item.role === undefined ? undefined : 'message');
  if (type === undefined) throw missingParameter(`${param}.type`);
  const known = typeof type === 'string' ? ITEMS.get(type) : undefined;
  if (typeof type !== 'string' || !known) {
    const list = [...ITEMS.keys()].map((name) => `'${name}'`).join(', ');
    throw invalidValue(param, `Invalid value: '${String(type)}'. Supported values are: ${list}.`);
  }
  for (const key of known.required) {
    if (item[key] === undefined) throw missingParameter(`${param}.${key}`);
  }
  checkCallId(item.call_id, param);
  if (type === 'function_call' && typeof item.arguments !== 'string')
    throw notText(`${param}.arguments`, item.arguments);
  checkImages(type, item, param);
  const id = typeof item.id === 'string' && item.id !== '' ? item.id : newId(known.prefix, stem, now);
  if (type !== 'message') return { ...item, id, type };
  return { ...item, id, type, status: item.status ?? 'completed', content: normaliseContent(item, param) };
}

function checkCallId(callId: unknown, param: string): void {
  if (callId === undefined) return;
  if (typeof callId !== 'string') throw notText(`${param}.call_id`, callId);
  if (callId.length > CALL_ID_MAX_CHARACTERS) {
    throw invalid(
      `Invalid '${param}.call_id': string too long. Expected a string with maximum length ${CALL_ID_MAX_CHARACTERS}, but got a string with length ${callId.length} instead.`,
      `${param}.call_id`,
      'string_above_max_length',
    );
  }
}

const notText = (param: string, value: unknown) =>
  invalid(
    `Invalid type for '${param}': expected a string, but got ${value === null ? 'null' : typeof value} instead.`,
    param,
    'invalid_type',
  );

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

function refuseImageFile(fileId: unknown, param: string): void {
  if (fileId == null) return;
  throw invalid(
    'Image file ids are not supported on this resource: send the image as a URL or as data.',
    param,
    'unsupported_parameter',
  );
}

function normaliseContent(message: Record<string, unknown>, param: string): unknown[] {
  const { role, content } = message;
  if (typeof role !== 'string' || !ROLES.includes(role)) {
    const list = ROLES.map((name) => `'${name}'`).join(', ');
    throw invalidValue(param, `Invalid value: '${String(role)}'. Supported values are: ${list}.`);
  }
  const isAnswer = role === 'assistant';
  if (typeof content === 'string') {
    return isAnswer
      ? [{ type: 'output_text', annotations: [], logprobs: [], text: content }]
      : [{ type: 'input_text', text: content }];
  }
  if (!Array.isArray(content)) {
    throw invalid(
      `Invalid type for '${param}.content': expected one of an array of objects or string, but got ${content === null ? 'null' : typeof content} instead.`,
      `${param}.content`,
      'invalid_type',
    );
  }
  content.forEach((part: unknown, index) =>
    checkPart(part, isAnswer ? PARTS_OUT : PARTS_IN, `${param}.content[${index}]`),
  );
  return content;
}

function checkPart(part: unknown, allowed: readonly string[], param: string): void {
  if (typeof part !== 'object' || part === null || !('type' in part)) throw missingParameter(`${param}.type`);
  const { type } = part;
  if (typeof type !== 'string' || !allowed.includes(type)) {
    const list = allowed.map((name) => `'${name}'`).join(', ');
    throw invalidValue(param, `Invalid value: '${String(type)}'. Supported values are: ${list}.`);
  }
  const text = 'text' in part ? part.text : undefined;
  if ((type === 'input_text' || type === 'output_text') && typeof text !== 'string') {
    throw text === undefined ? missingParameter(`${param}.text`) : notText(`${param}.text`, text);
  }
  if (type === 'input_image') checkImagePart(part, param);
  if (type === 'input_file') checkFilePart(part, param);
}

function checkImagePart(part: object, param: string): void {
  if ('file_id' in part) refuseImageFile(part.file_id, `${param}.file_id`);
  const url = 'image_url' in part ? part.image_url : undefined;
  if (typeof url !== 'string') throw missingParameter(`${param}.image_url`);
  const media = /^data:([^;,]*)/.exec(url)?.[1];
  if (media === undefined) {
    if (/^https?:\/\//i.test(url)) return;
    throw invalid(
      `Invalid '${param}.image_url'. Expected a valid URL, but got a value with an invalid format.`,
      `${param}.image_url`,
      'invalid_value',
    );
  }
  if (!/^image\/(png|jpe?g|webp|gif)$/i.test(media)) {
    throw invalid(
      `Invalid '${param}.image_url'. Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got unsupported MIME type '${media}'.`,
      `${param}.image_url`,
      'invalid_value',
    );
  }
}

function checkFilePart(part: object, param: string): void {
  const of = (key: string): unknown => Object.entries(part).find(([name]) => name === key)?.[1] ?? undefined;
  const [id, url, data] = [of('file_id'), of('file_url'), of('file_data')];
  const given = [id, url, data].filter((value) => value !== undefined);
  if (given.length === 0) throw missingParameter(`${param}.file_id`);
  if (given.length > 1)
    throw invalid(
      'Mutually exclusive parameters: give one of file_id, file_url and file_data.',
      param,
      'mutually_exclusive_parameters',
    );
  if (typeof url === 'string' && !/^https?:\/\//i.test(url)) {
    // Azure tries to fetch whatever stands there, a data URI too.
    throw invalid('Failed to download file.', 'url', 'invalid_value');
  }
  if (data !== undefined && of('filename') === undefined) throw missingParameter(`${param}.filename`);
  if (typeof data === 'string' && !/^data:[^,]*;base64,/.test(data)) {
    throw invalid(
      `Invalid '${param}.file_data'. Expected a base64-encoded data URL with a MIME type (e.g. 'data:application/pdf;base64,...'), but got a value without the 'data:' prefix.`,
      `${param}.file_data`,
      'invalid_value',
    );
  }
}
