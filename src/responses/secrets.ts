import { isObject, type JsonObject } from '../upstream/wire.ts';

/** What stands where a secret stood. */
const MASK = '***';

/** Tools without the secrets that callers put into them: given to the service only, never stored, logged or echoed. */
export function maskTools(tools: unknown): unknown {
  if (!Array.isArray(tools)) return tools;
  const list: unknown[] = tools;
  return list.map((tool) => (isObject(tool) && tool.type === 'mcp' ? maskMcp(tool) : tool));
}

/** Whether a request carries secrets that are not kept: such a run cannot be submitted later. */
export const hasSecrets = (tools: readonly JsonObject[]): boolean =>
  tools.some(
    (tool) =>
      tool.type === 'mcp' &&
      (tool.authorization != null ||
        (isObject(tool.headers) && Object.keys(tool.headers).length > 0) ||
        (typeof tool.server_url === 'string' && maskAddress(tool.server_url) !== tool.server_url)),
  );

function maskMcp(tool: JsonObject): JsonObject {
  const masked = { ...tool };
  if (tool.authorization != null) masked.authorization = MASK;
  if (isObject(tool.headers)) {
    masked.headers = Object.fromEntries(Object.keys(tool.headers).map((name) => [name, MASK]));
  }
  if (typeof tool.server_url === 'string') masked.server_url = maskAddress(tool.server_url);
  return masked;
}

/** An address without its query, user and password: all three carry tokens in the wild. */
function maskAddress(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (url.search === '' && url.username === '' && url.password === '') return address;
  url.search = '';
  url.username = '';
  url.password = '';
  return url.href;
}
