import { fieldsOf, isFields, stringsOf, type Fields } from '../values.ts';
import type { RemoteTool } from './server.ts';

/** The tools that `allowed_tools` leaves: a list of names, or a filter by name and by being read-only. */
export function allowedTools(spec: Fields, tools: readonly RemoteTool[]): RemoteTool[] {
  const allowed = spec['allowed_tools'];
  if (Array.isArray(allowed)) return tools.filter((tool) => stringsOf(allowed).includes(tool.name));
  return isFields(allowed) ? tools.filter((tool) => passes(allowed, tool)) : [...tools];
}

/** True when the caller wants to see the call before it is made: always, but for what `require_approval` exempts. */
export function needsApproval(spec: Fields, tool: RemoteTool): boolean {
  const rule = spec['require_approval'];
  if (rule === 'never') return false;
  if (!isFields(rule)) return true;
  if (isFields(rule['never']) && passes(rule['never'], tool)) return false;
  if (isFields(rule['always']) && passes(rule['always'], tool)) return true;
  // A rule that only says what must be approved exempts the rest.
  return !isFields(rule['always']) || isFields(rule['never']);
}

function passes(filter: Fields, tool: RemoteTool): boolean {
  const names = filter['tool_names'];
  if (Array.isArray(names) && !stringsOf(names).includes(tool.name)) return false;
  if (typeof filter['read_only'] !== 'boolean') return true;
  return (fieldsOf(tool.annotations)['readOnlyHint'] === true) === filter['read_only'];
}
