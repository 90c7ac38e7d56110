import { liveItems } from '../conversation.ts';
import type { Item, Turn } from '../../turn.ts';
import { fieldsOf, listOf, stringOf, type Fields } from '../values.ts';

/** The tools of a turn: of the request, of items that brought some, and of searches that found some. */
export interface Offered {
  /** What may be called, one by one: those of a namespace carry its name. */
  tools: readonly Fields[];
  /** What must be searched for first: functions, and namespaces and MCP servers with what of them is deferred. */
  deferred: readonly Fields[];
  /** The `tool_search` tool. */
  search?: Fields;
}

export function readOffered(turn: Pick<Turn, 'request' | 'context'>): Offered {
  const items = liveItems(turn.context);
  const given = [...toolsOf(turn.request), ...items.filter(({ type }) => type === 'additional_tools').flatMap(toolsOf)];
  const loaded = items
    .filter(({ type }) => type === 'tool_search_output')
    .flatMap(toolsOf)
    .flatMap(parted);
  const known = new Set(loaded.map(nameOf));
  const isDeferred = (tool: Fields): boolean => tool['defer_loading'] === true && !known.has(nameOf(tool));
  const open = given.flatMap(parted).filter((tool) => !isDeferred(tool));
  // A tool is what the request says of it now: what a search has found may be told without its secrets.
  const named = new Set(open.map(nameOf));
  return {
    tools: [...open.filter(({ type }) => type !== 'tool_search'), ...loaded.filter((tool) => !named.has(nameOf(tool)))],
    deferred: given.flatMap((tool) => deferredPart(tool, isDeferred)),
    search: given.find(({ type }) => type === 'tool_search'),
  };
}

const toolsOf = (holder: Fields | Item): Fields[] => listOf(holder['tools']).map(fieldsOf);

/** A namespace as the tools in it. A deferred function outside of one is called as if it stood in one of its own name. */
export function parted(tool: Fields): Fields[] {
  if (tool['type'] === 'namespace') return toolsOf(tool).map((inner) => ({ ...inner, namespace: tool['name'] }));
  return tool['type'] === 'function' && tool['defer_loading'] === true
    ? [{ ...tool, namespace: tool['name'] }]
    : [tool];
}

/** The tool when it is deferred; a namespace with what of it is. */
function deferredPart(tool: Fields, isDeferred: (each: Fields) => boolean): Fields[] {
  if (tool['type'] !== 'namespace') return parted(tool).some(isDeferred) ? [tool] : [];
  const inner = parted(tool);
  const tools = toolsOf(tool).filter((_, index) => isDeferred(fieldsOf(inner[index])));
  return tools.length === 0 ? [] : [{ ...tool, tools }];
}

function nameOf(tool: Fields): string {
  const name = stringOf(tool['name']) ?? stringOf(tool['server_label']) ?? '';
  return `${stringOf(tool['type']) ?? ''} ${stringOf(tool['namespace']) ?? ''} ${name}`;
}

/** What a model is told of a tool before it has searched: of what is deferred, the name and what it is for. */
export function shownAtFirst(tool: Fields): Fields {
  if (tool['type'] === 'namespace') {
    return { ...tool, tools: toolsOf(tool).filter((inner) => inner['defer_loading'] !== true) };
  }
  if (tool['defer_loading'] !== true) return tool;
  return { type: tool['type'], ...surfaceOf(tool) };
}

/** Name and description of a function, a namespace or an MCP server. */
export const surfaceOf = (tool: Fields): { name: string; description: string } => ({
  name: stringOf(tool['name']) ?? stringOf(tool['server_label']) ?? '',
  description: stringOf(tool['description']) ?? stringOf(tool['server_description']) ?? '',
});
