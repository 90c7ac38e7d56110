import { DEPLOYMENTS } from '../deployments.ts';
import type { Turn } from '../turn.ts';
import { readOffered } from './tools/offered.ts';
import { fieldsOf, listOf, numberOf, stringOf, stringsOf, type Fields } from './values.ts';

export type ToolChoice =
  | { mode: 'auto' | 'none' | 'required' }
  /** One tool is forced: by type, and by name where it has one. */
  | { mode: 'forced'; type: string; name?: string; serverLabel?: string };

/** The create request, read once: what the mind wants to know of it. */
export interface Ask {
  instructions: string;
  /** Those that may be called; `allowed_tools` has already been applied. */
  tools: readonly Fields[];
  /** Those that must be searched for first. */
  deferred: readonly Fields[];
  /** The tool that searches. */
  search: Fields | undefined;
  toolChoice: ToolChoice;
  parallel: boolean;
  maxToolCalls: number;
  include: ReadonlySet<string>;
  /** `undefined` when the model does not reason, or was told not to. */
  reasoning: { effort: string; summary: boolean } | undefined;
  format: Fields;
  maxOutputTokens: number;
  topLogprobs: number;
  store: boolean;
  stream: boolean;
  truncate: boolean;
  /** Tokens of context above which the service compacts by itself. */
  compactThreshold: number | undefined;
}

export function readAsk(turn: Pick<Turn, 'request' | 'model' | 'context'>): Ask {
  const request = turn.request;
  const include = stringsOf(request['include']);
  const choice = readChoice(request['tool_choice']);
  const { tools, deferred, search } = readOffered(turn);
  return {
    instructions: stringOf(request['instructions']) ?? '',
    tools: allowedOf(tools, request['tool_choice']),
    deferred,
    search,
    toolChoice: choice,
    parallel: request['parallel_tool_calls'] !== false,
    maxToolCalls: numberOf(request['max_tool_calls']) ?? Infinity,
    include: new Set(include),
    reasoning: readReasoning(turn.model, fieldsOf(request['reasoning'])),
    format: fieldsOf(fieldsOf(request['text'])['format']),
    maxOutputTokens: numberOf(request['max_output_tokens']) ?? Infinity,
    topLogprobs: numberOf(request['top_logprobs']) ?? 0,
    store: request['store'] !== false,
    stream: request['stream'] === true,
    truncate: request['truncation'] === 'auto',
    compactThreshold: readThreshold(request['context_management']),
  };
}

/** Some models think first, some when told to, some never. */
function readReasoning(model: string, reasoning: Fields): Ask['reasoning'] {
  const byDefault = DEPLOYMENTS.get(model)?.defaultEffort ?? null;
  const effort = stringOf(reasoning['effort']) ?? byDefault;
  if (byDefault === null || effort === null || effort === 'none') return undefined;
  const summary = stringOf(reasoning['summary']) ?? stringOf(reasoning['generate_summary']);
  return { effort, summary: summary !== undefined };
}

function readChoice(value: unknown): ToolChoice {
  if (value === 'none' || value === 'required') return { mode: value };
  const choice = fieldsOf(value);
  const type = stringOf(choice['type']);
  if (type === undefined) return { mode: 'auto' };
  if (type === 'allowed_tools') return { mode: choice['mode'] === 'required' ? 'required' : 'auto' };
  const name = stringOf(choice['name']);
  const serverLabel = stringOf(choice['server_label']);
  return { mode: 'forced', type, ...(name && { name }), ...(serverLabel && { serverLabel }) };
}

function allowedOf(tools: readonly Fields[], choice: unknown): readonly Fields[] {
  const allowed = fieldsOf(choice);
  if (allowed['type'] !== 'allowed_tools') return tools;
  const list = listOf(allowed['tools']).map(fieldsOf);
  return tools.filter((tool) =>
    list.some(
      (entry) =>
        entry['type'] === tool['type'] &&
        (entry['name'] === undefined || tool['type'] === 'mcp' || entry['name'] === tool['name']) &&
        (entry['server_label'] === undefined || entry['server_label'] === tool['server_label']),
    ),
  );
}

function readThreshold(value: unknown): number | undefined {
  for (const entry of listOf(value).map(fieldsOf)) {
    if (entry['type'] === 'compaction') return numberOf(entry['compact_threshold']);
  }
  return undefined;
}
