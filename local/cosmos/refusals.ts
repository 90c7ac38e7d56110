import { badRequest, notOffered, type CosmosError } from './errors.ts';
import { isObject, property, type JsonObject, type Value } from './json.ts';

/** Something that Azure Cosmos DB does and this stand-in refuses, and why. */
export interface Gap {
  /** How the refusal's message names it. */
  operation: string;
  /** The status a caller gets. */
  status: 400 | 501;
  reason: string;
}

/** Gaps that the conformance suite checks: each must fail, and fail like this. */
export const GAPS = {
  vectorSearch: { operation: 'VectorDistance', status: 501, reason: 'no vector index; the gateway has no embeddings' },
  storedProcedures: { operation: 'Stored procedures', status: 501, reason: 'they would run code inside the stand-in' },
  triggers: { operation: 'Triggers', status: 501, reason: 'they would run code inside the stand-in' },
} as const satisfies Record<string, Gap>;

const SEARCH = 'FULLTEXTCONTAINS FULLTEXTCONTAINSALL FULLTEXTCONTAINSANY FULLTEXTSCORE RRF'.split(' ');
const SPATIAL = 'ST_AREA ST_DISTANCE ST_INTERSECTS ST_ISVALID ST_ISVALIDDETAILED ST_WITHIN'.split(' ');
const OTHERS = ['DOCUMENTID', 'DATETIMEBIN', 'DATETIMEFROMPARTS', 'INTADD', 'INTSUB', 'INTMUL', 'INTDIV', 'INTMOD'];

/** The refusal for a function that Azure has and this stand-in has not. */
export function refusedFunction(name: string): CosmosError | undefined {
  if (name === 'VECTORDISTANCE') return notOffered(GAPS.vectorSearch.operation);
  if (SEARCH.includes(name)) return notOffered(`Full-text search (${name})`);
  if (SPATIAL.includes(name)) return notOffered(`Spatial search (${name})`);
  return OTHERS.includes(name) ? notOffered(`The function ${name}`) : undefined;
}

/** Collections below a container or database, and accounts' other services, that are not offered. */
const RESOURCES: Readonly<Record<string, string>> = {
  sprocs: GAPS.storedProcedures.operation,
  triggers: GAPS.triggers.operation,
  users: 'Users and permissions (resource tokens)',
  permissions: 'Users and permissions (resource tokens)',
  conflicts: 'The conflict feed (several write regions)',
  clientencryptionkeys: 'Client-side encryption',
  attachments: 'Attachments',
  schemas: 'Schemas',
};

/** The refusal for a kind of resource, by its word in the path. */
export function refusedResource(word: string): CosmosError | undefined {
  const name = RESOURCES[word];
  return name === undefined ? undefined : notOffered(name);
}

/** Request headers that would change what an operation means. */
const HEADERS: Readonly<Record<string, string>> = {
  'x-ms-documentdb-pre-trigger-include': GAPS.triggers.operation,
  'x-ms-documentdb-post-trigger-include': GAPS.triggers.operation,
  'x-ms-cosmos-is-client-encrypted': 'Client-side encryption',
  'x-ms-indexing-directive': 'An indexing directive for a single item',
};

/** @throws CosmosError 501 when a header asks for something that is not done here. */
export function refuseHeaders(headers: Readonly<Record<string, unknown>>): void {
  for (const [header, name] of Object.entries(HEADERS)) {
    if (headers[header] !== undefined) throw notOffered(name);
  }
}

/** Parts of a container's definition that would change what its operations do. */
const DEFINITION: Readonly<Record<string, string>> = {
  vectorEmbeddingPolicy: 'Vector search (vectorEmbeddingPolicy)',
  fullTextPolicy: 'Full-text search (fullTextPolicy)',
  computedProperties: 'Computed properties',
  clientEncryptionPolicy: 'Client-side encryption',
  changeFeedPolicy: 'The change feed of all versions and deletes (changeFeedPolicy)',
  analyticalStorageTtl: 'Analytical storage',
  materializedViewDefinition: 'Materialized views',
};

/** Lists of an indexing policy for searches that are not done here. Empty ones ask for nothing. */
const INDEXES: Readonly<Record<string, string>> = {
  spatialIndexes: 'Spatial indexes',
  vectorIndexes: 'Vector indexes',
  fullTextIndexes: 'Full-text indexes',
};

/** @throws CosmosError 501 when a container is defined with something that is not done here. */
export function refuseDefinition(definition: JsonObject): void {
  for (const [field, name] of Object.entries(DEFINITION)) {
    const value = property(definition, field);
    if (value !== undefined && value !== null) throw notOffered(name);
  }
  refuseIndexing(property(definition, 'indexingPolicy'));
  refuseConflicts(property(definition, 'conflictResolutionPolicy'));
}

function refuseIndexing(policy: Value): void {
  if (!isObject(policy)) return;
  for (const [field, name] of Object.entries(INDEXES)) {
    const indexes = property(policy, field);
    if (Array.isArray(indexes) && indexes.length > 0) throw notOffered(name);
  }
  if (property(policy, 'automatic') === false) throw notOffered('An indexing policy that is not automatic');
  if (property(policy, 'indexingMode') === 'lazy') throw notOffered('Lazy indexing');
}

/** In one region the last writer wins, by the time of the write. */
function refuseConflicts(policy: Value): void {
  if (!isObject(policy)) return;
  const [mode, path] = [property(policy, 'mode'), property(policy, 'conflictResolutionPath')];
  const usual = (mode ?? 'LastWriterWins') === 'LastWriterWins' && (path ?? '/_ts') === '/_ts';
  if (!usual) throw notOffered('Conflict resolution by a path or a procedure');
}

/** What Azure itself refuses in a query, in its words. */
export const orderWithGroup = (): CosmosError => badRequest("'ORDER BY' is not supported in presence of GROUP BY.");
