import { isObject, type Item, type JsonObject } from '../upstream/wire.ts';
import { beginningOf } from './beginning.ts';
import { encodeEvent, type Frame } from './frames.ts';

/** An event before it has its number. */
export type Event = JsonObject & { type: string };

/** How a response ends on the wire. There is no event for a cancelled one: it ends `incomplete`, with its status inside. */
const TERMINAL_EVENTS: Readonly<Record<string, string>> = {
  completed: 'response.completed',
  failed: 'response.failed',
  incomplete: 'response.incomplete',
  cancelled: 'response.incomplete',
};

export const terminalEventOf = (status: unknown): string =>
  (typeof status === 'string' ? TERMINAL_EVENTS[status] : undefined) ?? 'response.failed';

/**
 * A whole event stream made from a finished response, in the order of the API: for runs that the service could not
 * stream (the image tool), that could not be resumed, and for repeated idempotent creates.
 */
export function* synthesize(response: JsonObject): Generator<Frame> {
  let sequence = 0;
  for (const event of eventsOf(response)) {
    yield encodeEvent({ ...event, sequence_number: sequence });
    sequence += 1;
  }
}

/** The events of a finished response, in order, without numbers. */
export function* eventsOf(response: JsonObject): Generator<Event> {
  const begun = {
    ...response,
    status: 'in_progress',
    completed_at: null,
    error: null,
    incomplete_details: null,
    output: [],
    usage: null,
  };
  yield { type: 'response.created', response: begun };
  yield { type: 'response.in_progress', response: begun };
  const output: unknown[] = Array.isArray(response.output) ? response.output : [];
  for (const [index, item] of output.entries()) if (isItem(item)) yield* itemEvents(item, index);
  yield { type: terminalEventOf(response.status), response };
}

const isItem = (value: unknown): value is Item =>
  isObject(value) && typeof value.type === 'string' && typeof value.id === 'string';

function* itemEvents(item: Item, index: number): Generator<Event> {
  yield { type: 'response.output_item.added', output_index: index, item: beginningOf(item) };
  yield* INSIDE[item.type]?.(item, { item_id: item.id, output_index: index }) ?? [];
  yield { type: 'response.output_item.done', output_index: index, item };
}

/** What happens between the beginning and the end of an item, by its type; nothing, for types that have no events of their own. */
const INSIDE: Readonly<Record<string, (item: Item, at: At) => Generator<Event>>> = {
  message: contentEvents,
  reasoning: reasoningEvents,
  function_call: (item, at) =>
    textEvents('response.function_call_arguments', at, 'arguments', text(item.arguments), { name: item.name }),
  custom_tool_call: (item, at) => textEvents('response.custom_tool_call_input', at, 'input', text(item.input)),
  mcp_call: mcpCallEvents,
  mcp_list_tools: (item, at) => steps('response.mcp_list_tools', at, ['in_progress', outcomeOf(item)]),
  code_interpreter_call: codeEvents,
  image_generation_call: imageEvents,
  web_search_call: (_, at) => steps('response.web_search_call', at, ['in_progress', 'searching', 'completed']),
  file_search_call: (_, at) => steps('response.file_search_call', at, ['in_progress', 'searching', 'completed']),
};

function* steps(name: string, at: At, states: readonly string[]): Generator<Event> {
  for (const state of states) yield { type: `${name}.${state}`, ...at };
}

const outcomeOf = (item: Item): string => (item.error == null ? 'completed' : 'failed');

function* mcpCallEvents(item: Item, at: At): Generator<Event> {
  yield { type: 'response.mcp_call.in_progress', ...at };
  yield* textEvents('response.mcp_call_arguments', at, 'arguments', text(item.arguments));
  yield { type: `response.mcp_call.${outcomeOf(item)}`, ...at };
}

interface At extends JsonObject {
  item_id: string;
  output_index: number;
}

function* contentEvents(item: Item, at: At): Generator<Event> {
  for (const [index, part] of partsOf(item.content)) {
    const here = { ...at, content_index: index };
    if (part.type === 'refusal') {
      yield { type: 'response.content_part.added', ...here, part: { ...part, refusal: '' } };
      yield* textEvents('response.refusal', here, 'refusal', text(part.refusal));
    } else {
      yield {
        type: 'response.content_part.added',
        ...here,
        part: { ...part, text: '', annotations: [], logprobs: [] },
      };
      yield* outputTextEvents(part, here);
    }
    yield { type: 'response.content_part.done', ...here, part };
  }
}

function* outputTextEvents(part: JsonObject, here: JsonObject): Generator<Event> {
  const logprobs = part.logprobs ?? [];
  const whole = text(part.text);
  if (whole !== '') yield { type: 'response.output_text.delta', ...here, delta: whole, logprobs };
  yield* annotationEvents(part, here);
  yield { type: 'response.output_text.done', ...here, text: whole, logprobs };
}

function* annotationEvents(part: JsonObject, here: JsonObject): Generator<Event> {
  const annotations: unknown[] = Array.isArray(part.annotations) ? part.annotations : [];
  for (const [index, annotation] of annotations.entries()) {
    yield { type: 'response.output_text.annotation.added', ...here, annotation_index: index, annotation };
  }
}

function* reasoningEvents(item: Item, at: At): Generator<Event> {
  for (const [index, part] of partsOf(item.summary)) {
    const here = { ...at, summary_index: index };
    yield { type: 'response.reasoning_summary_part.added', ...here, part: { ...part, text: '' } };
    yield* textEvents('response.reasoning_summary_text', here, 'text', text(part.text));
    yield { type: 'response.reasoning_summary_part.done', ...here, part };
  }
  for (const [index, part] of partsOf(item.content)) {
    const here = { ...at, content_index: index };
    yield { type: 'response.content_part.added', ...here, part: { ...part, text: '' } };
    yield* textEvents('response.reasoning_text', here, 'text', text(part.text));
    yield { type: 'response.content_part.done', ...here, part };
  }
}

function* codeEvents(item: Item, at: At): Generator<Event> {
  yield { type: 'response.code_interpreter_call.in_progress', ...at };
  yield* textEvents('response.code_interpreter_call_code', at, 'code', text(item.code));
  yield { type: 'response.code_interpreter_call.interpreting', ...at };
  yield { type: 'response.code_interpreter_call.completed', ...at };
}

/** The final image also as a partial one: older clients take it from there. */
function* imageEvents(item: Item, at: At): Generator<Event> {
  yield { type: 'response.image_generation_call.in_progress', ...at };
  yield { type: 'response.image_generation_call.generating', ...at };
  if (typeof item.result === 'string') {
    const shape = Object.fromEntries(
      ['size', 'quality', 'background', 'output_format'].filter((key) => key in item).map((key) => [key, item[key]]),
    );
    yield {
      type: 'response.image_generation_call.partial_image',
      ...at,
      ...shape,
      partial_image_index: 0,
      partial_image_b64: item.result,
    };
  }
  yield { type: 'response.image_generation_call.completed', ...at };
}

/** One delta with everything, none when there is nothing to say; then `done`. */
function* textEvents(
  name: string,
  at: JsonObject,
  key: string,
  value: string,
  more: JsonObject = {},
): Generator<Event> {
  if (value !== '') yield { type: `${name}.delta`, ...at, delta: value };
  yield { type: `${name}.done`, ...at, [key]: value, ...more };
}

/** The parts of an item with their places. */
function partsOf(value: unknown): [number, JsonObject][] {
  const parts: unknown[] = Array.isArray(value) ? value : [];
  return [...parts.entries()].filter((entry): entry is [number, JsonObject] => isObject(entry[1]));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
