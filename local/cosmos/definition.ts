import { z } from 'zod';
import { parsePath } from './documents/paths.ts';
import { badRequest } from './errors.ts';
import { isObject, property, type JsonObject } from './json.ts';
import {
  MAX_ID_BYTES,
  MAX_PARTITION_KEY_PATHS,
  MAX_TTL_SECONDS,
  MAX_UNIQUE_KEYS,
  MAX_UNIQUE_KEY_PATHS,
} from './limits.ts';
import { refuseDefinition } from './refusals.ts';

/** What the stand-in reads of a container's definition; everything else is kept and given back. */
export interface Definition {
  id: string;
  partitionPaths: string[][];
  uniqueKeys: string[][][];
  defaultTtl: number | undefined;
  /** With the service's defaults filled in. */
  body: JsonObject;
}

const ttlSchema = z.union([z.literal(-1), z.int().min(1).max(MAX_TTL_SECONDS)]);

/** `/outer/inner/?` is one value, `/outer/*` everything below ("Indexing policies in Azure Cosmos DB"). */
const policyPaths = z
  .array(z.looseObject({ path: z.string().regex(/^(\/("[^"\\]+"|[^/"\\]+))*\/[?*]$/, "must end in '/?' or '/*'") }))
  .optional();

const definitionSchema = z.looseObject({
  id: z.string(),
  partitionKey: z
    .looseObject({ paths: z.array(z.string()).min(1).max(MAX_PARTITION_KEY_PATHS) })
    .default({ paths: ['/_partitionKey'] }),
  uniqueKeyPolicy: z
    .looseObject({
      uniqueKeys: z
        .array(z.looseObject({ paths: z.array(z.string()).min(1).max(MAX_UNIQUE_KEY_PATHS) }))
        .max(MAX_UNIQUE_KEYS)
        .default([]),
    })
    .nullish(),
  indexingPolicy: z.looseObject({ includedPaths: policyPaths, excludedPaths: policyPaths }).nullish(),
  defaultTtl: ttlSchema.nullish(),
});

const DEFAULT_INDEXING: JsonObject = {
  indexingMode: 'consistent',
  automatic: true,
  includedPaths: [{ path: '/*' }],
  excludedPaths: [{ path: '/"_etag"/?' }],
};

/**
 * Checks a container's definition and fills in what the service would.
 * @throws CosmosError 400 for a wrong one, 501 for one that asks for what is not offered here.
 */
export function parseDefinition(body: JsonObject): Definition {
  refuseDefinition(body);
  const parsed = definitionSchema.safeParse(body);
  if (!parsed.success) throw badRequest(`The container's definition is invalid: ${z.prettifyError(parsed.error)}`);
  const { id, partitionKey, uniqueKeyPolicy, defaultTtl } = parsed.data;
  requireResourceId(id);
  const indexing = property(body, 'indexingPolicy');
  const key = property(body, 'partitionKey');
  return {
    id,
    partitionPaths: partitionKey.paths.map(parsePath),
    uniqueKeys: (uniqueKeyPolicy?.uniqueKeys ?? []).map(({ paths }) => paths.map(parsePath)),
    defaultTtl: defaultTtl ?? undefined,
    body: {
      ...body,
      indexingPolicy: { ...DEFAULT_INDEXING, ...(isObject(indexing) ? indexing : {}) },
      partitionKey: { kind: 'Hash', paths: partitionKey.paths, ...(isObject(key) ? key : {}) },
      conflictResolutionPolicy: {
        mode: 'LastWriterWins',
        conflictResolutionPath: '/_ts',
        conflictResolutionProcedure: '',
      },
    },
  };
}

/**
 * The rule for the ids of databases, containers and items.
 * @throws CosmosError 400
 */
export function requireResourceId(id: unknown): asserts id is string {
  if (typeof id !== 'string' || id === '') throw badRequest("The required property 'id' is missing or no text.");
  if (Buffer.byteLength(id) > MAX_ID_BYTES) throw badRequest(`The 'id' is longer than ${MAX_ID_BYTES} bytes.`);
  if (/[/\\?#]/.test(id)) throw badRequest("The 'id' contains one of the characters '/', '\\', '?', '#'.");
  if (id.endsWith(' ')) throw badRequest("The 'id' ends with a space.");
}

/** The item's own `ttl`. @throws CosmosError 400 when it is neither -1 nor a whole number of seconds above 0. */
export function parseItemTtl(item: JsonObject): number | undefined {
  const value = property(item, 'ttl');
  if (value === undefined || value === null) return undefined;
  const parsed = ttlSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badRequest(
    `The input ttl '${JSON.stringify(value)}' is invalid: it must be a whole number from 1 to ${MAX_TTL_SECONDS}, or -1.`,
  );
}
