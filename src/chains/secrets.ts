import { isObject, type JsonObject } from '../upstream/wire.ts';

/** What stands where a secret stood. */
const MASK = '***';

/** Tools with the mask for the secrets that callers put into them: given to the service only, never stored, logged or echoed. */
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
  const masked = { ...tool };
  if ('tools' in tool) masked.tools = maskTools(tool.tools);
  for (const key of CONTAINERS) if (key in tool) masked[key] = maskContainer(tool[key]);
  return masked;
}

/** Whether a request carries secrets that are not kept: such a run cannot be submitted later. */
export const hasSecrets = (tools: unknown): boolean => toolsIn(tools).some(isSecret);

function isSecret(tool: JsonObject): boolean {
  if (tool.type === 'mcp') return isSecretMcp(tool);
  return hasSecrets(tool.tools) || CONTAINERS.some((key) => domainSecretsOf(tool[key]) !== undefined);
}

/** Whether a tool, or one in it (or in an item), is a copy from us with the mask in it: the service could do nothing with it. */
export const holdsMask = (tool: JsonObject): boolean => isMasked(tool) || toolsIn(tool.tools).some(holdsMask);

/** Tools without those of which we kept a masked copy only. One that held others, and has none left, goes with them. */
export const withoutMasked = (tools: unknown): JsonObject[] =>
  toolsIn(tools).flatMap((tool) => {
    if (isMasked(tool)) return [];
    if (!holdsMask(tool)) return [tool];
    const left = withoutMasked(tool.tools);
    return left.length === 0 ? [] : [{ ...tool, tools: left }];
  });

function isMasked(tool: JsonObject): boolean {
  if (tool.type !== 'mcp') {
    return CONTAINERS.some((key) => domainSecretsOf(tool[key])?.some((secret) => secret.value === MASK) === true);
  }
  const { authorization, headers, server_url: address } = tool;
  const values: unknown[] = isObject(headers) ? Object.values(headers) : [headers];
  return [authorization, ...values].includes(MASK) || (typeof address === 'string' && address.includes(MASK));
}

const toolsIn = (tools: unknown): JsonObject[] => (Array.isArray(tools) ? tools.filter(isObject) : []);

/** Where a tool of the code interpreter or of the shell describes the container it is to get. */
const CONTAINERS = ['container', 'environment'] as const;

/** What programs in a container send to other domains: `network_policy.domain_secrets` of the API (types of its SDK, 7.57). */
function domainSecretsOf(container: unknown): JsonObject[] | undefined {
  const policy = isObject(container) ? container.network_policy : undefined;
  return isObject(policy) && Array.isArray(policy.domain_secrets)
    ? policy.domain_secrets.map((secret: unknown) => (isObject(secret) ? secret : { value: secret }))
    : undefined;
}

/** A container, or what describes one, without the secrets for other domains. */
function maskContainer(container: unknown): unknown {
  const secrets = domainSecretsOf(container);
  if (secrets === undefined || !isObject(container) || !isObject(container.network_policy)) return container;
  const domain_secrets = secrets.map((secret) => ({ ...secret, value: MASK }));
  return { ...container, network_policy: { ...container.network_policy, domain_secrets } };
}

const isSecretMcp = (tool: JsonObject): boolean =>
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
 * An address with the mask for its query, fragment, user and password, and for what looks like a key in its path: all of them
 * carry tokens in the wild. One that has nothing of it stays as it was written: callers compare it.
 */
function maskAddress(address: unknown): string {
  // Nobody can tell which part of it would be the secret.
  if (typeof address !== 'string' || !URL.canParse(address)) return MASK;
  const url = new URL(address);
  const path = url.pathname
    .split('/')
    .map((segment) => (looksDrawn(segment) ? MASK : segment))
    .join('/');
  const user = url.username === '' && url.password === '' ? '' : `${MASK}@`;
  const query = url.search === '' ? '' : `?${MASK}`;
  const fragment = url.hash === '' ? '' : `#${MASK}`;
  const plain = user === '' && query === '' && fragment === '' && path === url.pathname;
  return plain ? address : `${url.protocol}//${user}${url.host}${path}${query}${fragment}`;
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
