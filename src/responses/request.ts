import * as z from 'zod';
import { holdsMask } from '../chains/secrets.ts';
import { GatewayError } from '../errors.ts';
import {
  INPUT_ITEMS_LIMIT,
  METADATA_KEY_LIMIT_CHARS,
  METADATA_PAIRS_LIMIT,
  METADATA_VALUE_LIMIT_CHARS,
  MIN_OUTPUT_TOKENS,
} from '../platform/limits.ts';
import { toItem } from '../upstream/items.ts';
import { isObject, type Item, type JsonObject } from '../upstream/wire.ts';

/**
 * The fields of a create request that the gateway itself acts on or that the API documents a rule for.
 * Everything else passes through: the surface of the API grows faster than this file.
 */
const createBody = z.looseObject({
  model: z.string().min(1),
  input: z
    .union([z.string(), z.array(z.looseObject({})).max(INPUT_ITEMS_LIMIT)], {
      error: 'expected a string or an array of items',
    })
    .nullish(),
  previous_response_id: z.string().nullish(),
  conversation: z.unknown().optional(),
  prompt: z.unknown().optional(),
  store: z.boolean().nullish(),
  background: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({}).nullish(),
  include: z.array(z.string()).nullish(),
  instructions: z.string().nullish(),
  max_output_tokens: z.int().min(MIN_OUTPUT_TOKENS).nullish(),
  max_tool_calls: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  context_management: z.array(z.looseObject({})).min(1).nullish(),
  metadata: z
    .record(z.string().max(METADATA_KEY_LIMIT_CHARS), z.string().max(METADATA_VALUE_LIMIT_CHARS))
    .refine((pairs) => Object.keys(pairs).length <= METADATA_PAIRS_LIMIT, {
      error: `must have at most ${METADATA_PAIRS_LIMIT} pairs`,
    })
    .nullish(),
});

/** A create request whose documented fields have been checked. */
export interface CreateRequest {
  /** The body as it came, unknown fields and all. */
  body: JsonObject;
  model: string;
  /** The new input as items, each with an id. */
  input: Item[];
  previousResponseId?: string;
  stream: boolean;
  background: boolean;
  store: boolean;
  tools: readonly JsonObject[];
}

/**
 * Checks a create request.
 * @throws `invalid_value`, `unsupported_combination` or `unsupported_parameter`, naming the field.
 */
export function parseCreate(body: JsonObject): CreateRequest {
  const parsed = createBody.safeParse(body);
  if (!parsed.success) throw invalidValue(parsed.error);
  const fields = parsed.data;
  const request: CreateRequest = {
    body,
    model: fields.model,
    input: toItems(fields.input ?? []),
    previousResponseId: fields.previous_response_id ?? undefined,
    stream: fields.stream ?? false,
    background: fields.background ?? false,
    store: fields.store ?? true,
    tools: fields.tools ?? [],
  };
  refuseCombinations(request, fields);
  return request;
}

function refuseCombinations(request: CreateRequest, fields: z.infer<typeof createBody>): void {
  refuseStrangers(fields);
  refuseMasks(fields);
  if (request.background && !request.store) {
    throw combination('background', "'background' needs 'store': a background response is polled by its id.");
  }
  if (fields.stream_options != null && !request.stream) {
    throw combination('stream_options', "'stream_options' is only allowed when 'stream' is true.");
  }
}

/** State at the service that belongs to nobody we know: one identity stands behind all callers there. */
export function refuseStrangers(body: JsonObject): void {
  if (body.conversation != null) {
    throw unsupported('conversation', 'Conversations are not offered. Chain turns with previous_response_id.');
  }
  if (body.prompt != null) {
    throw unsupported('prompt', 'Stored prompts are not offered. Send instructions and input.');
  }
}

/** A copy of what we answered, where the service needs what the caller sent. */
export function refuseMasks({ tools }: JsonObject): void {
  if (!holdsMask({ tools })) return;
  const message = "'***' stands where the gateway has taken a secret out. Send the tool with the secret itself.";
  throw new GatewayError('invalid_value', message, { param: 'tools' });
}

/** A zod issue as the API words it, with the path in its own notation: `tools[0].type`. */
function invalidValue(error: z.ZodError): GatewayError {
  const issue = error.issues[0];
  const param = (issue?.path ?? [])
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
  const isMissing = issue?.code === 'invalid_type' && issue.message.endsWith('received undefined');
  const why = issue?.message.replace(/^Invalid input: /, '') ?? 'not what the API takes';
  return new GatewayError(
    'invalid_value',
    isMissing ? `Missing required parameter: '${param}'.` : `Invalid value for '${param}': ${why}.`,
    { param: param === '' ? null : param },
  );
}

const unsupported = (param: string, message: string): GatewayError =>
  new GatewayError('unsupported_parameter', message, { param });

const combination = (param: string, message: string): GatewayError =>
  new GatewayError('unsupported_combination', message, { param });

function toItems(input: string | readonly JsonObject[]): Item[] {
  if (typeof input !== 'string') return input.map((item) => inParts(toItem(item)));
  return [toItem({ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] })];
}

/** A message that was sent as plain text, as the API lists it: whoever reads the list expects parts. */
function inParts(item: Item): Item {
  const { type, role, content } = item;
  if (type !== 'message' || typeof content !== 'string') return item;
  const part =
    role === 'assistant'
      ? { type: 'output_text', text: content, annotations: [], logprobs: [] }
      : { type: 'input_text', text: content };
  return { ...item, content: [part] };
}

/** First words of the newest user text, for browsing chains. */
export function previewOf(items: readonly Item[]): string {
  for (const item of items.toReversed()) {
    const text = textOf(item.content);
    if (text !== '') return text.replace(/\s+/g, ' ').trim().slice(0, PREVIEW_CHARS);
  }
  return '';
}

const PREVIEW_CHARS = 80;

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const parts: unknown[] = content;
  return parts.map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : '')).join(' ');
}
