import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { fieldsOf, isFields, listOf, stringOf, type Fields } from '../values.ts';

/** How long a server may take to answer `initialize` and `tools/list`, and a tool to run. */
const CONNECT_TIMEOUT_MS = 15_000;
const CALL_TIMEOUT_MS = 60_000;

/** A tool as the server lists it, in the words of the Responses API. */
export interface RemoteTool {
  name: string;
  description: string;
  input_schema: Fields;
  annotations?: Fields;
}

/** What a call gave: text, or an error in one of the API's three shapes. */
export type CallResult = { output: string } | { error: Fields };

/** A remote MCP server, connected when it is first needed: Streamable HTTP, then the older SSE. */
export class RemoteServer {
  private readonly spec: Fields;
  private readonly signal: AbortSignal;
  private connecting: Promise<Client> | undefined;

  constructor(spec: Fields, signal: AbortSignal) {
    this.spec = spec;
    this.signal = signal;
  }

  /** Every tool of the server. Rejects when it cannot be reached or answers wrongly. */
  async list(): Promise<RemoteTool[]> {
    const client = await this.client();
    const tools: RemoteTool[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.listTools({ cursor }, { signal: this.signal, timeout: CONNECT_TIMEOUT_MS });
      tools.push(...page.tools.map(toRemoteTool));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return tools;
  }

  /** Calls a tool; what goes wrong is part of the result. */
  async call(name: string, input: Fields): Promise<CallResult> {
    try {
      const client = await this.client();
      const result = await client.callTool({ name, arguments: { ...input } }, undefined, {
        signal: this.signal,
        timeout: CALL_TIMEOUT_MS,
      });
      const content = listOf(result.content);
      if (result.isError === true) return { error: { type: 'mcp_tool_execution_error', content } };
      return { output: textOfContent(content, result.structuredContent) };
    } catch (error) {
      this.signal.throwIfAborted();
      return { error: errorOf(error) };
    }
  }

  async close(): Promise<void> {
    const client = await this.connecting?.catch(() => undefined);
    await client?.close();
  }

  private client(): Promise<Client> {
    return (this.connecting ??= this.connect());
  }

  private async connect(): Promise<Client> {
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    const url = new URL(stringOf(this.spec['server_url']) ?? '');
    const requestInit = { headers: headersOf(this.spec) };
    try {
      return await this.open(new StreamableHTTPClientTransport(url, { requestInit }));
    } catch (error) {
      if (!isOlderServer(error)) throw error;
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the service still reaches servers of the older transport
      const { SSEClientTransport } = await import('@modelcontextprotocol/sdk/client/sse.js');
      return this.open(new SSEClientTransport(url, { requestInit }));
    }
  }

  private async open(transport: Transport): Promise<Client> {
    const { Client: McpClient } = await import('@modelcontextprotocol/sdk/client/index.js');
    const client = new McpClient({ name: 'azure-openai-simulator', version: '1.0.0' });
    try {
      await client.connect(transport, { signal: this.signal, timeout: CONNECT_TIMEOUT_MS });
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }
}

/** `authorization` is an OAuth token; it goes over a header of the same name. */
function headersOf(spec: Fields): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(fieldsOf(spec['headers']))) {
    if (typeof value === 'string') headers[name] = value;
  }
  const token = stringOf(spec['authorization']);
  if (token !== undefined) headers['Authorization'] = /^\w+ /.test(token) ? token : `Bearer ${token}`;
  return headers;
}

function toRemoteTool(tool: {
  name: string;
  description?: string;
  inputSchema: object;
  annotations?: object;
}): RemoteTool {
  return {
    name: tool.name,
    description: tool.description ?? '',
    input_schema: fieldsOf(tool.inputSchema),
    // Some clients refuse a key that is there with null.
    ...(tool.annotations && { annotations: fieldsOf(tool.annotations) }),
  };
}

/** A server that knows only the older transport answers the first request with a 4xx other than "who are you". */
function isOlderServer(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && status >= 400 && status < 500 && status !== 401 && status !== 403;
}

/** The HTTP status that a transport error carries, if any. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return undefined;
  return error.code >= 100 && error.code < 600 ? error.code : undefined;
}

function errorOf(error: unknown): Fields {
  const message = error instanceof Error ? error.message : String(error);
  const status = statusOf(error);
  if (status !== undefined) return { type: 'http_error', code: status, message };
  if (isFields(error) && typeof error['code'] === 'number')
    return { type: 'mcp_protocol_error', code: error['code'], message };
  return { type: 'http_error', code: 424, message };
}

function textOfContent(content: readonly unknown[], structured: unknown): string {
  const texts = content.map(fieldsOf).map((part) => stringOf(part['text']) ?? JSON.stringify(part));
  return texts.length > 0 ? texts.join('\n') : JSON.stringify(structured ?? {});
}
