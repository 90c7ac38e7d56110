import { TurnError, type Turn } from '../../turn.ts';
import type { Ask } from '../ask.ts';
import type { Thought } from '../thought.ts';
import { stringOf, type Fields } from '../values.ts';
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

/** The caller's own, and MCP, need no player of their own. */
const PLAYED = new Set([...Object.keys(PLAYERS), 'function', 'custom', 'mcp']);

/** Refuses what the rules cannot play, rather than ignoring it. @throws TurnError 400 (404 for an unknown container). */
export async function checkTools(turn: Turn, ask: Ask): Promise<void> {
  checkApprovals(turn);
  for (const [index, tool] of ask.tools.entries()) {
    const type = kindOf(stringOf(tool['type']) ?? '');
    if (!PLAYED.has(type)) throw notPlayed(type, index);
    if (type === 'image_generation') checkImageTool(tool, index);
    if (type === 'mcp') checkMcpTool(tool, index);
    if (type === 'code_interpreter') await checkCodeTool(tool, turn);
  }
}

function notPlayed(type: string, index: number): TurnError {
  const reason =
    type === 'file_search'
      ? 'The simulator has no vector stores'
      : `The simulator does not play tools of type '${type}'`;
  return new TurnError(400, `${reason}. It plays: ${[...PLAYED].sort().join(', ')}.`, {
    code: 'unsupported_tool',
    param: `tools[${index}].type`,
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
