import type { Item, Turn } from '../../turn.ts';
import { Clues } from '../schema/clues.ts';
import { fillSchema } from '../schema/fill.ts';
import { spell } from '../schema/strings.ts';
import type { Thought } from '../thought.ts';
import { fieldsOf, stringOf, type Fields } from '../values.ts';
import { bestOf, fitting, type Described } from './choose.ts';
import { customInput } from './custom.ts';

/** A function or custom tool of the caller's. */
interface CallerTool extends Described {
  kind: 'function' | 'custom';
  spec: Fields;
}

interface Call {
  tool: CallerTool;
  /** Arguments as JSON, or a custom tool's free text. */
  input: string;
}

/**
 * The calls that the model makes now; empty when it has none to make, or has made them already.
 * With `must` the best tool is called even when none fits.
 */
export function callsOf(thought: Thought, must = false): Item[] {
  const { ask, talk, turn } = thought;
  const tools = ask.tools.flatMap(readTool);
  if (tools.length === 0 || ask.toolChoice.mode === 'none') return [];
  const forced = ask.toolChoice.mode === 'required' || ask.toolChoice.mode === 'forced';
  const planned = chosen(thought, tools, must).flatMap((tool) => callsTo(tool, talk.prompt));
  const made = new Set(talk.turn.map(signature));
  const open = planned.filter((call) => !made.has(signatureOf(call)));
  // Who must call, calls again even when all has been called; who may, is done.
  const calls = open.length > 0 || !forced ? open : planned;
  return (ask.parallel ? calls : calls.slice(0, 1)).map((call) => toItem(call, turn));
}

function readTool(spec: Fields): CallerTool[] {
  const kind = spec['type'];
  if (kind !== 'function' && kind !== 'custom') return [];
  return [
    {
      kind,
      spec,
      name: stringOf(spec['name']) ?? '',
      description: stringOf(spec['description']) ?? '',
      parameters: Object.keys(fieldsOf(fieldsOf(spec['parameters'])['properties'])),
    },
  ];
}

function chosen({ ask, talk }: Thought, tools: readonly CallerTool[], must: boolean): readonly CallerTool[] {
  const choice = ask.toolChoice;
  if (choice.mode === 'forced') {
    return tools.filter(
      (tool) => tool.kind === choice.type && (choice.name === undefined || tool.name === choice.name),
    );
  }
  const fits = fitting(tools, talk.prompt);
  if (fits.length > 0 || !must) return fits;
  const best = bestOf(tools, talk.prompt);
  return best ? [best] : [];
}

/** One call, or one for each place when the text names several. */
function callsTo(tool: CallerTool, prompt: string): Call[] {
  if (tool.kind === 'custom') return [{ tool, input: customInput(tool.spec, prompt) }];
  const schema = fieldsOf(tool.spec['parameters']);
  const given = jsonIn(prompt, tool.name);
  if (given !== undefined) return [{ tool, input: given }];
  return variantsOf(prompt, schema).map((text) => ({
    tool,
    input: JSON.stringify(fillSchema(schema, new Clues(text))),
  }));
}

/** `get_weather({"location": "Paris"})` says its arguments itself. */
function jsonIn(prompt: string, name: string): string | undefined {
  const at = prompt.indexOf(`${name}(`);
  const json = at < 0 ? undefined : /^\(\s*(\{.*\})\s*\)/s.exec(prompt.slice(at + name.length))?.[1];
  return json;
}

/** The text once for each place in it, the other places taken out. */
function variantsOf(prompt: string, schema: Fields): string[] {
  const keys = Object.keys(fieldsOf(schema['properties']));
  if (!keys.some((key) => /\b(?:location|city|place|country|town|region)\b/.test(spell(key)))) return [prompt];
  const places = new Clues(prompt).places();
  if (places.length < 2) return [prompt];
  const start = prompt.indexOf(places[0] ?? '');
  const last = places.at(-1)?.split(',').at(-1)?.trim() ?? '';
  const end = prompt.indexOf(last, start) + last.length;
  return places.map((place) => `${prompt.slice(0, start)}${place}${prompt.slice(end)}`);
}

function toItem(call: Call, turn: Pick<Turn, 'newId'>): Item {
  const { tool } = call;
  const { namespace } = tool.spec;
  const common = {
    call_id: turn.newId('call'),
    name: tool.name,
    ...(namespace !== undefined && { namespace }),
    status: 'completed',
  };
  return tool.kind === 'function'
    ? { type: 'function_call', id: turn.newId('fc'), ...common, arguments: call.input }
    : { type: 'custom_tool_call', id: turn.newId('ctc'), ...common, input: call.input };
}

function signature(item: Item): string {
  return `${item.type} ${stringOf(item['namespace']) ?? ''} ${stringOf(item['name']) ?? ''} ${stringOf(item['arguments']) ?? stringOf(item['input']) ?? ''}`;
}

function signatureOf({ tool, input }: Call): string {
  return `${tool.kind === 'function' ? 'function_call' : 'custom_tool_call'} ${stringOf(tool.spec['namespace']) ?? ''} ${tool.name} ${input}`;
}
