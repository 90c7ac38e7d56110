import type { Item } from '../turn.ts';
import type { EventFields } from './log.ts';
import { obfuscation, piecesOf } from './pieces.ts';

/** Takes the events of an item, in order. */
export type Emit = (type: string, fields: EventFields) => void;

interface Place {
  item_id: string;
  output_index: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Everything that happens while one item comes to be: from `output_item.added` to `output_item.done`. */
export function emitItem(item: Item, outputIndex: number, padded: boolean, emit: Emit): void {
  const place = { item_id: item.id, output_index: outputIndex };
  const talk = new Talk(emit, place, padded);
  emit('response.output_item.added', { output_index: outputIndex, item: started(item) });
  MIDDLES[item.type]?.(item, talk);
  emit('response.output_item.done', { output_index: outputIndex, item });
}

class Talk {
  readonly #emit: Emit;
  readonly #place: Place;
  readonly #padded: boolean;

  constructor(emit: Emit, place: Place, padded: boolean) {
    this.#emit = emit;
    this.#place = place;
    this.#padded = padded;
  }

  say(type: string, fields: Fields = {}): void {
    this.#emit(`response.${type}`, { ...this.#place, ...fields });
  }

  /** The text in pieces. */
  spell(type: string, text: string, fields: Fields = {}): void {
    for (const delta of piecesOf(text)) {
      this.say(type, { ...fields, delta, ...(this.#padded ? { obfuscation: obfuscation(delta) } : {}) });
    }
  }
}

/** The item as it stands when it is announced: same id and type, nothing in it yet. */
function started(item: Item): Item {
  const begun = typeof item.status === 'string' ? { ...item, status: 'in_progress' } : item;
  // Approval requests, computer calls and compactions are announced whole, as in recorded streams.
  return STARTED[item.type]?.(begun) ?? begun;
}

const STARTED: Readonly<Record<string, (item: Item) => Item>> = {
  message: (item) => ({ ...item, content: [] }),
  reasoning: (item) => ({ ...item, ...(item.content === undefined ? {} : { content: [] }), summary: [] }),
  function_call: (item) => ({ ...item, arguments: '' }),
  custom_tool_call: (item) => ({ ...item, input: '' }),
  tool_search_call: (item) => ({ ...item, arguments: {} }),
  code_interpreter_call: (item) => ({ ...item, code: '', outputs: item.outputs === null ? null : [] }),
  // No more than its status, as recorded on Azure: not even a key for the result.
  image_generation_call: bare,
  web_search_call: bare,
  mcp_list_tools: (item) => ({ ...without(item, ['error']), tools: [] }),
  mcp_call: (item) => ({ ...item, arguments: '', output: null, error: null }),
};

function bare({ id, type, status }: Item): Item {
  return { id, type, status };
}

function without(item: Item, keys: readonly string[]): Item {
  const rest = Object.fromEntries(Object.entries(item).filter(([key]) => !keys.includes(key)));
  return { ...rest, id: item.id, type: item.type };
}

/** What happens between the two, by type; the types that are not here are announced and done. */
const MIDDLES: Readonly<Record<string, (item: Item, talk: Talk) => void>> = {
  message,
  reasoning,
  function_call(item, talk) {
    talk.spell('function_call_arguments.delta', textOf(item.arguments));
    talk.say('function_call_arguments.done', { arguments: item.arguments, name: item.name });
  },
  custom_tool_call(item, talk) {
    talk.spell('custom_tool_call_input.delta', textOf(item.input));
    talk.say('custom_tool_call_input.done', { input: item.input });
  },
  code_interpreter_call(item, talk) {
    const code = textOf(item.code);
    talk.say('code_interpreter_call.in_progress');
    talk.spell('code_interpreter_call_code.delta', code);
    talk.say('code_interpreter_call_code.done', { code });
    talk.say('code_interpreter_call.interpreting');
    talk.say('code_interpreter_call.completed');
  },
  image_generation_call: (item, talk) => steps(item.type, ['in_progress', 'generating', 'completed'], talk),
  web_search_call: (item, talk) => steps(item.type, ['in_progress', 'searching', 'completed'], talk),
  file_search_call: (item, talk) => steps(item.type, ['in_progress', 'searching', 'completed'], talk),
  mcp_list_tools: (item, talk) => steps(item.type, ['in_progress', endOf(item)], talk),
  mcp_call(item, talk) {
    talk.say('mcp_call.in_progress');
    talk.spell('mcp_call_arguments.delta', textOf(item.arguments));
    talk.say('mcp_call_arguments.done', { arguments: item.arguments });
    talk.say(`mcp_call.${endOf(item)}`);
  },
};

function steps(type: string, names: readonly string[], talk: Talk): void {
  for (const name of names) talk.say(`${type}.${name}`);
}

const endOf = (item: Item): string => (item.error == null ? 'completed' : 'failed');

function message(item: Item, talk: Talk): void {
  partsOf(item.content).forEach((part, index) => {
    const at = { content_index: index };
    if (part.type === 'refusal') {
      const refusal = textOf(part.refusal);
      talk.say('content_part.added', { ...at, part: { ...part, refusal: '' } });
      talk.spell('refusal.delta', refusal, at);
      talk.say('refusal.done', { ...at, refusal });
    } else {
      outputText(part, at, talk);
    }
    talk.say('content_part.done', { ...at, part });
  });
}

function outputText(part: Fields, at: { content_index: number }, talk: Talk): void {
  const logprobs = Array.isArray(part.logprobs) ? part.logprobs : [];
  talk.say('content_part.added', { ...at, part: { ...part, annotations: [], logprobs: [], text: '' } });
  talk.spell('output_text.delta', textOf(part.text), { ...at, logprobs: [] });
  partsOf(part.annotations).forEach((annotation, index) =>
    talk.say('output_text.annotation.added', { ...at, annotation_index: index, annotation }),
  );
  talk.say('output_text.done', { ...at, text: part.text, logprobs });
}

function reasoning(item: Item, talk: Talk): void {
  partsOf(item.summary).forEach((part, index) => {
    const at = { summary_index: index };
    talk.say('reasoning_summary_part.added', { ...at, part: { ...part, text: '' } });
    talk.spell('reasoning_summary_text.delta', textOf(part.text), at);
    talk.say('reasoning_summary_text.done', { ...at, text: part.text });
    talk.say('reasoning_summary_part.done', { ...at, part });
  });
  partsOf(item.content).forEach((part, index) => {
    const at = { content_index: index };
    talk.say('content_part.added', { ...at, part: { ...part, text: '' } });
    talk.spell('reasoning_text.delta', textOf(part.text), at);
    talk.say('reasoning_text.done', { ...at, text: part.text });
    talk.say('content_part.done', { ...at, part });
  });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function partsOf(value: unknown): Fields[] {
  if (!Array.isArray(value)) return [];
  return value.filter((part: unknown): part is Fields => typeof part === 'object' && part !== null);
}
