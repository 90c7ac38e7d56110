import { TurnError, type Turn } from '../../turn.ts';
import type { Ask } from '../ask.ts';
import type { Thought } from '../thought.ts';
import { fieldsOf, listOf, stringOf, type Fields } from '../values.ts';
import { checkCodeTool, runCodeInterpreter } from './code-interpreter.ts';
import { runComputer } from './computer.ts';
import type { Findings, ToolRun } from './findings.ts';
import { checkImageTool, runImageGeneration } from './image-generation.ts';
import { checkMcpTool, type McpServer } from './mcp-servers.ts';
import { checkApprovals, runMcp } from './mcp.ts';
import { kindOf } from './selection.ts';
import { runWebSearch } from './web-search.ts';

type Player = (thought: Thought, tool: Fields, findings: Findings) => ToolRun;

/** The hosted tools, in the order in which they are played. MCP comes after them. */
const PLAYERS: Readonly<Record<string, Player>> = {
  image_generation: runImageGeneration,
  code_interpreter: runCodeInterpreter,
  web_search: runWebSearch,
  computer_use_preview: runComputer,
};

/** The caller's own, MCP and the search need no player of their own; `computer` is the newer name of the preview. */
const PLAYED = new Set([...Object.keys(PLAYERS), 'computer', 'function', 'custom', 'mcp', 'namespace', 'tool_search']);

/** Refuses what the rules cannot play, rather than ignoring it. @throws TurnError 400 (404 for an unknown container). */
export async function checkTools(turn: Turn, ask: Ask): Promise<void> {
  checkApprovals(turn);
  for (const [index, tool] of listOf(turn.request['tools']).entries()) {
    await checkTool(fieldsOf(tool), `tools[${index}]`, turn);
  }
  // Those that items have brought.
  for (const tool of [...ask.tools, ...ask.deferred]) await checkTool(tool, 'input', turn);
}

async function checkTool(tool: Fields, param: string, turn: Turn): Promise<void> {
  const type = kindOf(stringOf(tool['type']) ?? '');
  if (!PLAYED.has(type)) throw notPlayed(type, param);
  if (type === 'image_generation') checkImageTool(tool, param);
  if (type === 'mcp') checkMcpTool(tool, param);
  if (type === 'code_interpreter') await checkCodeTool(tool, turn);
  for (const [index, inner] of listOf(tool['tools']).entries()) {
    await checkTool(fieldsOf(inner), `${param}.tools[${index}]`, turn);
  }
}

function notPlayed(type: string, param: string): TurnError {
  const reason =
    type === 'file_search'
      ? 'The simulator has no vector stores'
      : `The simulator does not play tools of type '${type}'`;
  return new TurnError(400, `${reason}. It plays: ${[...PLAYED].sort().join(', ')}.`, {
    code: 'unsupported_tool',
    param: `${param}.type`,
  });
}

/** Plays each hosted tool that the prompt asks for or the request forces, within `max_tool_calls`. */
export async function* runHostedTools(thought: Thought, servers: readonly McpServer[], findings: Findings): ToolRun {
  for (const tool of thought.ask.tools) {
    const play = PLAYERS[kindOf(stringOf(tool['type']) ?? '')];
    if (play && findings.calls < thought.ask.maxToolCalls) yield* play(thought, tool, findings);
  }
  yield* runMcp(thought, servers, findings);
}

/** Who must use a tool and finds none that fits takes the first hosted one. */
export function forceHosted(thought: Thought): Thought {
  const first = thought.ask.tools.find((tool) => PLAYERS[kindOf(stringOf(tool['type']) ?? '')]);
  const type = stringOf(first?.['type']);
  return type === undefined ? thought : { ...thought, ask: { ...thought.ask, toolChoice: { mode: 'forced', type } } };
}
