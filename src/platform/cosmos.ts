import { Agent } from 'node:https';
import { CosmosClient, ErrorResponse, type Container, type SqlQuerySpec } from '@azure/cosmos';
import type { TokenCredential } from '@azure/identity';
import { hasCode, isCausedBy } from './causes.ts';
import type { Config } from './config.ts';

export interface CosmosContainers {
  /** One document per response; partition key `/chainId`. */
  chains: Container;
  /** One small document per chain, file, container, dropped document, idempotency key; partition key `/owner`. */
  directory: Container;
}

/**
 * At 5 ms a request that is 12,000 a second, more than one instance can ask for. Without a limit the SDK opens a connection
 * for each request in flight: a thousand creates at once cost a thousand TLS handshakes, and memory that never comes back.
 */
const CONNECTIONS = 64;

/** Opens the containers. Nothing is created in code: `infra` and the local world make them. */
export function openCosmos(config: Config, credential: TokenCredential): CosmosContainers {
  const client = new CosmosClient({
    endpoint: config.cosmos.endpoint,
    aadCredentials: credential,
    agent: new Agent({ keepAlive: true, maxSockets: CONNECTIONS }),
  });
  const database = client.database(config.cosmos.database);
  return { chains: database.container('chains'), directory: database.container('directory') };
}

/** Cosmos DB's own pages; far above what the API's lists ask for. */
const QUERY_PAGE = 200;

/** One page of what matches, and where the next one begins. Without a partition the query crosses all of them. */
export async function queryPage<T>(
  container: Container,
  spec: SqlQuerySpec,
  options: { partitionKey?: string; continuation?: string; pageSize?: number },
): Promise<{ rows: T[]; continuation?: string }> {
  const { partitionKey, continuation: continuationToken, pageSize: maxItemCount = QUERY_PAGE } = options;
  const page = await container.items.query<T>(spec, { partitionKey, continuationToken, maxItemCount }).fetchNext();
  // The SDK leaves them out when an ordered query finds nothing, whatever its type says.
  return { rows: Array.isArray(page.resources) ? page.resources : [], continuation: page.continuationToken };
}

/** Everything in one partition that matches. */
export async function queryAll<T>(container: Container, spec: SqlQuerySpec, partitionKey: string): Promise<T[]> {
  const query = container.items.query<T>(spec, { partitionKey, maxItemCount: QUERY_PAGE });
  return (await query.fetchAll()).resources;
}

const hasStatus = (error: unknown, ...statuses: number[]): boolean =>
  error instanceof ErrorResponse && typeof error.code === 'number' && statuses.includes(error.code);

export const isMissingDocument = (error: unknown): boolean => hasStatus(error, 404);
/** The document is there already, or it has changed since it was read. */
export const isLostRace = (error: unknown): boolean => hasStatus(error, 409, 412);
/** Throttled, overloaded, or out of reach. The SDK has tried again by then; what a batch met stands in its error as the cause. */
export const isStoreBusy = (error: unknown): boolean =>
  isCausedBy(error, (cause) => hasStatus(cause, 429, 449, 503, 408) || hasCode(cause, CUT_OFF));

/** The connection broke, or never was. */
const CUT_OFF = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'REQUEST_SEND_ERROR',
]);
