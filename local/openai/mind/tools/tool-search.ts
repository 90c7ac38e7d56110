import type { Item } from '../../turn.ts';
import { Clues } from '../schema/clues.ts';
import { fillSchema } from '../schema/fill.ts';
import type { Thought } from '../thought.ts';
import { fieldsOf, stringOf, type Fields } from '../values.ts';
import { bestOf, fitting } from './choose.ts';
import type { Findings } from './findings.ts';
import { parted, surfaceOf } from './offered.ts';
import { hasRun } from './selection.ts';

/**
 * Searches among the deferred tools, once for each user message, and gives those that it has found; or asks the caller to search.
 * Items as in recorded streams (vercel/ai, `openai-tool-search`, `openai-client-tool-search`).
 */
export function* searchTools(thought: Thought, findings: Findings): Generator<Item, readonly Fields[]> {
  const { ask, turn } = thought;
  const { search } = ask;
  if (search === undefined || hasRun(thought, 'tool_search_call')) return [];
  if (search['execution'] === 'client') {
    if (isMissed(thought, search)) {
      findings.wait();
      yield callOf(thought, { call_id: turn.newId('call'), execution: 'client', arguments: goalOf(thought, search) });
    }
    return [];
  }
  const found = fittingOf(thought);
  if (found.length === 0) return [];
  const server = { call_id: null, execution: 'server' };
  yield callOf(thought, { ...server, arguments: { paths: found.map((tool) => surfaceOf(tool).name) } });
  yield { type: 'tool_search_output', id: turn.newId('tso'), status: 'completed', ...server, tools: found };
  return found.flatMap(parted);
}

const callOf = ({ turn }: Thought, fields: Fields): Item => ({
  type: 'tool_search_call',
  id: turn.newId('tsc'),
  status: 'completed',
  ...fields,
});

/** The deferred tools that the prompt, or `tool_choice`, asks for. */
function fittingOf({ ask, talk }: Thought): Fields[] {
  const choice = ask.toolChoice;
  if (choice.mode === 'forced') {
    return ask.deferred.filter((tool) => parted(tool).some(({ name }) => name !== undefined && name === choice.name));
  }
  const candidates = ask.deferred.map((tool) => ({ ...surfaceOf(tool), tool }));
  const fits = fitting(candidates, talk.prompt);
  const must = choice.mode === 'required' && ask.tools.length === 0 && fits.length === 0;
  const best = must ? bestOf(candidates, talk.prompt) : undefined;
  return (best === undefined ? fits : [best]).map(({ tool }) => tool);
}

/** Whether a search by the caller may help: no tool at hand fits, but the search does, or something deferred. */
function isMissed({ ask, talk }: Thought, search: Fields): boolean {
  if (ask.toolChoice.mode === 'forced') return ask.toolChoice.type === 'tool_search';
  const surfaces = (tools: readonly Fields[]) => tools.map((tool) => surfaceOf(tool));
  if (fitting(surfaces(ask.tools), talk.prompt).length > 0) return false;
  return fitting(surfaces([search, ...ask.deferred]), talk.prompt).length > 0;
}

/** What is looked for, in the form that the caller's search takes. */
function goalOf({ talk }: Thought, search: Fields): unknown {
  const schema = fieldsOf(search['parameters']);
  return stringOf(schema['type']) === undefined ? { goal: talk.prompt } : fillSchema(schema, new Clues(talk.prompt));
}
