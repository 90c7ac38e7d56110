import { TurnError, type Item, type Turn } from '../../turn.ts';
import type { Ask } from '../ask.ts';
import type { Conversation } from '../conversation.ts';
import { allowedTools } from '../remote/policy.ts';
import { RemoteServer, statusOf, type RemoteTool } from '../remote/server.ts';
import { fieldsOf, listOf, stringOf, type Fields } from '../values.ts';

/** An MCP server of the request, with the tools that may be used. */
export interface McpServer {
  label: string;
  spec: Fields;
  remote: RemoteServer;
  tools: readonly RemoteTool[];
}

/** @throws TurnError 400 for a server that the simulator cannot reach by an address. */
export function checkMcpTool(tool: Fields, param: string): void {
  const url = stringOf(tool['server_url']);
  if (url !== undefined && URL.canParse(url) && /^https?:/.test(url)) return;
  throw new TurnError(
    400,
    url === undefined
      ? 'The simulator reaches MCP servers by server_url only; it has no connectors and no tunnels.'
      : `Invalid '${param}.server_url': expected an http or https URL.`,
    { code: 'invalid_value', param: `${param}.server_url` },
  );
}

/**
 * Gets to know the servers: one `mcp_list_tools` item for each that the conversation has not listed yet.
 * @throws TurnError 424 when a server does not give its list, as the service does.
 */
export async function* listServers(
  turn: Turn,
  ask: Ask,
  talk: Conversation,
  servers: McpServer[],
): AsyncGenerator<Item, void> {
  for (const spec of ask.tools.filter((tool) => tool['type'] === 'mcp')) {
    const label = stringOf(spec['server_label']) ?? '';
    const remote = new RemoteServer(spec, turn.signal);
    const known = talk.items.findLast(
      (item) => item.type === 'mcp_list_tools' && item['server_label'] === label && item['error'] == null,
    );
    if (known) {
      servers.push({
        label,
        spec,
        remote,
        tools: allowedTools(spec, listOf(known['tools']).map(fieldsOf).map(readTool)),
      });
      continue;
    }
    const server: McpServer = { label, spec, remote, tools: [] };
    servers.push(server);
    const item = { type: 'mcp_list_tools', id: turn.newId('mcpl'), server_label: label };
    try {
      server.tools = allowedTools(spec, await remote.list());
    } catch (error) {
      turn.signal.throwIfAborted();
      const failure = listFailure(label, error);
      // Who watches sees the failed step first; who waits for the whole answer gets the error as such.
      if (ask.stream) yield { ...item, tools: [], error: failure.message };
      throw failure;
    }
    yield { ...item, tools: server.tools };
  }
}

function readTool(tool: Fields): RemoteTool {
  return {
    name: stringOf(tool['name']) ?? '',
    description: stringOf(tool['description']) ?? '',
    input_schema: fieldsOf(tool['input_schema']),
    annotations: fieldsOf(tool['annotations']),
  };
}

function listFailure(label: string, error: unknown): TurnError {
  const status = statusOf(error);
  const detail = status === undefined ? '424 (Failed Dependency)' : String(status);
  return new TurnError(424, `Error retrieving tool list from MCP server: '${label}'. Http status code: ${detail}`, {
    type: 'external_connector_error',
    code: 'http_error',
    param: 'tools',
  });
}
