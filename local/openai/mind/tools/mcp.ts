import { TurnError, type Item, type Turn } from '../../turn.ts';
import { knows } from '../answer/answer.ts';
import { needsApproval } from '../remote/policy.ts';
import type { RemoteTool } from '../remote/server.ts';
import { Clues } from '../schema/clues.ts';
import { fillSchema } from '../schema/fill.ts';
import type { Thought } from '../thought.ts';
import { fieldsOf, parseJson, stringOf } from '../values.ts';
import { bestOf, fitting, type Described } from './choose.ts';
import type { Findings, ToolRun } from './findings.ts';
import type { McpServer } from './mcp-servers.ts';
import { standingOf } from './selection.ts';

/** Answers approvals, then calls (or asks to call) the tools that fit the prompt. */
export async function* runMcp(thought: Thought, servers: readonly McpServer[], findings: Findings): ToolRun {
  if (servers.length === 0) return;
  for (const response of thought.talk.fresh.filter((item) => item.type === 'mcp_approval_response')) {
    yield* follow(thought, servers, response, findings);
  }
  for (const { server, tool, input } of await planned(thought, servers, findings)) {
    if (findings.calls >= thought.ask.maxToolCalls) return;
    if (needsApproval(server.spec, tool)) {
      findings.wait();
      yield {
        type: 'mcp_approval_request',
        id: thought.turn.newId('mcpr'),
        arguments: input,
        name: tool.name,
        server_label: server.label,
      };
    } else {
      yield await call(thought.turn, server, { name: tool.name, input }, findings);
    }
  }
}

/** @throws TurnError 400 for an approval that nobody asked for. */
export function checkApprovals(turn: Turn): void {
  const asked = new Set(turn.context.filter((item) => item.type === 'mcp_approval_request').map((item) => item.id));
  for (const item of turn.context) {
    const id = stringOf(item['approval_request_id']);
    if (item.type !== 'mcp_approval_response' || (id !== undefined && asked.has(id))) continue;
    throw new TurnError(400, `No approval request found with id '${id ?? ''}'.`, { param: 'input' });
  }
}

async function* follow(thought: Thought, servers: readonly McpServer[], response: Item, findings: Findings): ToolRun {
  const { turn } = thought;
  const request = turn.context.find((item) => item.id === response['approval_request_id']);
  const name = stringOf(request?.['name']) ?? '';
  const label = stringOf(request?.['server_label']) ?? '';
  if (response['approve'] !== true) {
    const reason = stringOf(response['reason']);
    findings.add(
      `The call of ${name} on ${label} was not approved${reason === undefined ? '' : `: ${reason}`}. I did not make it.`,
    );
    return;
  }
  const server = servers.find((entry) => entry.label === label);
  if (!server) {
    throw new TurnError(400, `The MCP server '${label}' that the approval is for must be given in tools again.`, {
      param: 'tools',
    });
  }
  const given = request?.['arguments'];
  const input = typeof given === 'string' ? given : JSON.stringify(given ?? {});
  yield await call(turn, server, { name, input, approval: request?.id }, findings);
}

interface CallSpec {
  name: string;
  /** Arguments as JSON. */
  input: string;
  /** Id of the approval request that allowed it. */
  approval?: string | undefined;
}

async function call(
  turn: Turn,
  server: McpServer,
  { name, input, approval }: CallSpec,
  findings: Findings,
): Promise<Item> {
  findings.calls++;
  const result = await server.remote.call(name, fieldsOf(parseJson(input)));
  if ('output' in result) findings.add(result.output);
  else findings.add(`The tool ${name} of ${server.label} failed: ${textOfError(result.error)}`);
  return {
    type: 'mcp_call',
    id: turn.newId('mcp'),
    status: 'error' in result ? 'failed' : 'completed',
    server_label: server.label,
    name,
    arguments: input,
    output: null,
    error: null,
    ...result,
    approval_request_id: approval ?? null,
  };
}

function textOfError(error: Readonly<Record<string, unknown>>): string {
  return stringOf(error['message']) ?? JSON.stringify(error['content'] ?? error);
}

interface Candidate extends Described {
  server: McpServer;
  tool: RemoteTool;
}

/** The calls that the prompt asks for and that were neither made nor asked for since. */
async function planned(
  thought: Thought,
  servers: readonly McpServer[],
  findings: Findings,
): Promise<(Candidate & { input: string })[]> {
  const { talk, ask } = thought;
  const usable = servers.filter((server) => standingOf(thought, server.spec) !== 'barred');
  const candidates = usable.flatMap((server) =>
    server.tools.map((tool) => ({
      server,
      tool,
      name: tool.name,
      description: tool.description,
      parameters: Object.keys(fieldsOf(tool.input_schema['properties'])),
    })),
  );
  const done = new Set(talk.turn.map(signature));
  const chosen = await choose(thought, candidates, findings);
  const calls = chosen
    .map((entry) => ({ ...entry, input: JSON.stringify(fillSchema(entry.tool.input_schema, new Clues(talk.prompt))) }))
    .filter((entry) => !done.has(`${entry.server.label} ${entry.name} ${entry.input}`));
  return ask.parallel ? calls : calls.slice(0, 1);
}

function signature(item: Item): string {
  return `${stringOf(item['server_label']) ?? ''} ${stringOf(item['name']) ?? ''} ${stringOf(item['arguments']) ?? ''}`;
}

async function choose(
  thought: Thought,
  candidates: readonly Candidate[],
  findings: Findings,
): Promise<readonly Candidate[]> {
  const { ask, talk } = thought;
  const choice = ask.toolChoice;
  const named = choice.mode === 'forced' ? candidates.filter((entry) => entry.name === choice.name) : [];
  if (named.length > 0) return named;
  const fits = fitting(candidates, talk.prompt);
  if (fits.length > 0) return fits;
  const must = choice.mode === 'forced' || (choice.mode === 'required' && findings.calls === 0);
  const best =
    must || (findings.empty && asks(talk.prompt) && !(await knows(thought)))
      ? bestOf(candidates, talk.prompt)
      : undefined;
  return best ? [best] : [];
}

/** A question or an order: what somebody would look up a tool for. */
function asks(prompt: string): boolean {
  return /\?\s*$|^\s*(?:please\s+)?(?:what|which|who|where|when|how|why|is|are|tell|find|list|show|search|get|explain|describe|roll|look|use|call|check|give)\b/i.test(
    prompt,
  );
}
