import type { IncomingMessage, ServerResponse } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';
import { listen, type RunningServer } from '../../local/kit/server.ts';

export interface TestMcpServer extends RunningServer {
  /** What goes into `server_url`. */
  readonly url: string;
  /** Headers of every request, oldest first. */
  readonly seen: IncomingMessage['headers'][];
  /** Names of the tools called, oldest first. */
  readonly called: string[];
}

export interface McpServerOptions {
  /** Requests without this `Authorization` header get 401. */
  authorization?: string;
  /** The older transport of 2024: an event stream, and posts beside it. */
  sse?: boolean;
}

/**
 * A real MCP server (Streamable HTTP without sessions, or SSE) on a free port, about a made-up repository.
 * Tools: `search_docs` and `roll` (read-only), `delete_branch` (not), `fail` (always an error).
 */
export async function startMcpServer(options: McpServerOptions = {}): Promise<TestMcpServer> {
  const seen: IncomingMessage['headers'][] = [];
  const called: string[] = [];
  const streams = new Map<string, SseTransport>();
  const server = await listen(async (request, response) => {
    seen.push(request.headers);
    if (options.authorization !== undefined && request.headers.authorization !== options.authorization) {
      response.writeHead(401).end();
      return;
    }
    if (options.sse) await answerOlder(request, response, called, streams);
    else await answer(request, response, called);
  });
  return { ...server, url: `${server.address}/mcp`, seen, called };
}

async function answer(request: IncomingMessage, response: ServerResponse, called: string[]): Promise<void> {
  const mcp = makeServer(called);
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  response.on('close', () => void mcp.close());
  await mcp.connect(transport);
  await transport.handleRequest(request, response);
}

/** What we use of the transport that the SDK keeps for the servers of 2024. */
interface SseTransport {
  sessionId: string;
  handlePostMessage(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

async function answerOlder(
  request: IncomingMessage,
  response: ServerResponse,
  called: string[],
  streams: Map<string, SseTransport>,
): Promise<void> {
  const session = new URL(request.url ?? '/', 'http://local').searchParams.get('sessionId');
  if (request.method === 'GET') {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the service still reaches servers of the older transport
    const transport = new SSEServerTransport('/messages', response);
    streams.set(transport.sessionId, transport);
    await makeServer(called).connect(transport);
  } else if (session !== null) {
    await streams.get(session)?.handlePostMessage(request, response);
  } else {
    response.writeHead(405).end();
  }
}

function makeServer(called: string[]): McpServer {
  const mcp = new McpServer({ name: 'test-docs', version: '1.0.0' });
  const text = (content: string) => ({ content: [{ type: 'text' as const, text: content }] });
  mcp.registerTool(
    'search_docs',
    {
      description: 'Search the documentation of the repository and its protocol specs',
      inputSchema: { query: z.string().describe('What to look for') },
      annotations: { readOnlyHint: true },
    },
    ({ query }) => {
      called.push('search_docs');
      return text(`Documentation for "${query}": the transports are stdio and Streamable HTTP.`);
    },
  );
  mcp.registerTool(
    'roll',
    {
      description: 'Roll dice',
      inputSchema: { count: z.number().int().min(1).describe('Number of dice') },
      annotations: { readOnlyHint: true },
    },
    ({ count }) => {
      called.push('roll');
      return text(`Rolled ${count} dice: ${'4 '.repeat(count).trim()}`);
    },
  );
  mcp.registerTool(
    'delete_branch',
    { description: 'Delete a branch', inputSchema: { branch: z.string() } },
    ({ branch }) => {
      called.push('delete_branch');
      return text(`Deleted ${branch}.`);
    },
  );
  mcp.registerTool('fail', { description: 'Always fails' }, () => {
    called.push('fail');
    return { ...text('It broke.'), isError: true };
  });
  return mcp;
}
