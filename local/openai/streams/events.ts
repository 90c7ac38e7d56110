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
  middle(item, talk);
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
  switch (item.type) {
    case 'message':
      return { ...item, status: 'in_progress', content: [] };
    case 'reasoning':
      return { ...item, ...(item.content === undefined ? {} : { content: [] }), summary: [] };
    case 'function_call':
      return { ...item, status: 'in_progress', arguments: '' };
    case 'custom_tool_call':
      return { ...item, status: 'in_progress', input: '' };
    case 'code_interpreter_call':
      return { ...item, status: 'in_progress', code: '', outputs: item.outputs === null ? null : [] };
    case 'image_generation_call':
      return { id: item.id, type: item.type, status: 'in_progress', result: null };
    case 'mcp_list_tools': {
      const { error: _error, ...rest } = item;
      return { ...rest, id: item.id, type: item.type, tools: [] };
    }
    case 'mcp_call': {
      const { error: _error, output: _output, ...rest } = item;
      return { ...rest, id: item.id, type: item.type, status: 'in_progress', arguments: '' };
    }
    default:
      // Approval requests, computer calls and compactions are announced whole, as in recorded streams.
      return typeof item.status === 'string' ? { ...item, status: 'in_progress' } : item;
  }
}

function middle(item: Item, talk: Talk): void {
  switch (item.type) {
    case 'message':
      return message(item, talk);
    case 'reasoning':
      return reasoning(item, talk);
    case 'function_call':
      talk.spell('function_call_arguments.delta', textOf(item.arguments));
      return talk.say('function_call_arguments.done', { arguments: item.arguments, name: item.name });
    case 'custom_tool_call':
      talk.spell('custom_tool_call_input.delta', textOf(item.input));
      return talk.say('custom_tool_call_input.done', { input: item.input });
    case 'code_interpreter_call':
      return codeInterpreter(item, talk);
    case 'image_generation_call':
      return image(talk);
    case 'mcp_list_tools':
      talk.say('mcp_list_tools.in_progress');
      return talk.say(item.error == null ? 'mcp_list_tools.completed' : 'mcp_list_tools.failed');
    case 'mcp_call':
      talk.say('mcp_call.in_progress');
      talk.spell('mcp_call_arguments.delta', textOf(item.arguments));
      talk.say('mcp_call_arguments.done', { arguments: item.arguments });
      return talk.say(item.error == null ? 'mcp_call.completed' : 'mcp_call.failed');
    case 'web_search_call':
    case 'file_search_call':
      for (const step of ['in_progress', 'searching', 'completed']) talk.say(`${item.type}.${step}`);
      return;
    default:
      return;
  }
}

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

function codeInterpreter(item: Item, talk: Talk): void {
  const code = textOf(item.code);
  talk.say('code_interpreter_call.in_progress');
  talk.spell('code_interpreter_call_code.delta', code);
  talk.say('code_interpreter_call_code.done', { code });
  talk.say('code_interpreter_call.interpreting');
  talk.say('code_interpreter_call.completed');
}

function image(talk: Talk): void {
  talk.say('image_generation_call.in_progress');
  talk.say('image_generation_call.generating');
  talk.say('image_generation_call.completed');
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function partsOf(value: unknown): Fields[] {
  if (!Array.isArray(value)) return [];
  return value.filter((part: unknown): part is Fields => typeof part === 'object' && part !== null);
}
