/**
 * Limits of Azure Cosmos DB for NoSQL. Source, unless a line says otherwise: "Azure Cosmos DB service quotas"
 * (learn.microsoft.com/azure/cosmos-db/concepts-limits).
 */

/** Largest item, as UTF-8 JSON. */
export const MAX_ITEM_BYTES = 2 * 1024 * 1024;

/** Largest transactional batch, all operations together. */
export const MAX_BATCH_BYTES = 2 * 1024 * 1024;

export const MAX_BATCH_OPERATIONS = 100;

/** "Partial document update in Azure Cosmos DB", limitations. */
export const MAX_PATCH_OPERATIONS = 10;

export const MAX_ID_BYTES = 1023;

export const MAX_PARTITION_KEY_BYTES = 2048;

/** Hierarchical partition keys: at most three levels. */
export const MAX_PARTITION_KEY_PATHS = 3;

export const MAX_UNIQUE_KEYS = 10;

export const MAX_UNIQUE_KEY_PATHS = 16;

/** Largest `ttl` and `defaultTtl`. */
export const MAX_TTL_SECONDS = 2_147_483_647;

/** A page of results ends before it grows over this. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/** Page size without `x-ms-max-item-count`. */
export const DEFAULT_PAGE_ITEMS = 100;

/** Page size when the caller leaves it to the service (`x-ms-max-item-count: -1`). */
export const DYNAMIC_PAGE_ITEMS = 1000;

/** Body cut here: over every limit above, with room for escapes. The choice of this stand-in. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** How far `x-ms-date` may be from the clock ("Access control on Cosmos DB resources"). */
export const MAX_CLOCK_SKEW_MS = 15 * 60 * 1000;

/** Longest text of a query. */
export const MAX_QUERY_BYTES = 512 * 1024;
