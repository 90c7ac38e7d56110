import { isObject, type JsonObject } from '../upstream/wire.ts';

/** What stands where a secret stood. */
const MASK = '***';

/** Tools without the secrets that callers put into them: given to the service only, never stored, logged or echoed. */
export function maskTools(tools: unknown): unknown {
  if (!Array.isArray(tools)) return tools;
  const list: unknown[] = tools;
  return list.map((tool) => (isObject(tool) ? maskTool(tool) : tool));
}

/** The same for items that bring tools with them (`additional_tools`, `tool_search_output`). */
export const maskItem = <T extends JsonObject>(item: T): T =>
  hasSecrets(item.tools) ? { ...item, tools: maskTools(item.tools) } : item;

function maskTool(tool: JsonObject): JsonObject {
  if (tool.type === 'mcp') return maskMcp(tool);
  return 'tools' in tool ? { ...tool, tools: maskTools(tool.tools) } : tool;
}

/** Whether a request carries secrets that are not kept: such a run cannot be submitted later. */
export function hasSecrets(tools: unknown): boolean {
  const list: unknown[] = Array.isArray(tools) ? tools : [];
  return list.some((tool) => isObject(tool) && (tool.type === 'mcp' ? isSecret(tool) : hasSecrets(tool.tools)));
}

const isSecret = (tool: JsonObject): boolean =>
  tool.authorization != null ||
  (isObject(tool.headers) ? Object.keys(tool.headers).length > 0 : tool.headers != null) ||
  (tool.server_url != null && maskAddress(tool.server_url) !== tool.server_url);

function maskMcp(tool: JsonObject): JsonObject {
  const masked = { ...tool };
  if (tool.authorization != null) masked.authorization = MASK;
  if (tool.headers != null) {
    masked.headers = isObject(tool.headers)
      ? Object.fromEntries(Object.keys(tool.headers).map((name) => [name, MASK]))
      : MASK;
  }
  if (tool.server_url != null) masked.server_url = maskAddress(tool.server_url);
  return masked;
}

/**
 * An address without its query, fragment, user and password, and without what looks like a key in its path: all of them carry
 * tokens in the wild. One that has nothing of it stays as it was written: callers compare it.
 */
function maskAddress(address: unknown): string {
  // Nobody can tell which part of it would be the secret.
  if (typeof address !== 'string' || !URL.canParse(address)) return MASK;
  const url = new URL(address);
  const path = url.pathname
    .split('/')
    .map((segment) => (looksDrawn(segment) ? MASK : segment))
    .join('/');
  const plain = url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  return plain && path === url.pathname ? address : `${url.protocol}//${url.host}${path}`;
}

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i;

/**
 * Whether a segment of a path looks drawn by lot and not named by a person: a UUID, or 16 letters and digits in a row that change
 * places three times. Services whose address is the key (Zapier, Make, n8n ...) have such ones.
 */
function looksDrawn(segment: string): boolean {
  if (UUID.test(segment)) return true;
  const runs = segment.match(/[a-z0-9]{16,}/gi) ?? [];
  return runs.some((run) => (run.match(/\d+|[a-z]+/gi) ?? []).length > 3);
}
