/** Limits of the platform and of the gateway, each with its unit and where it comes from. */

/** A whole Cosmos DB document above this spills its largest parts to Blob Storage: small documents keep reads and writes cheap. */
export const INLINE_BUDGET_BYTES = 64 * 1024;

/** Azure's load balancer cuts a silent request at 230 s (Functions documentation); we answer before it does. */
export const PLAIN_CREATE_LIMIT_MS = 210_000;

/** `functionTimeout` of host.json: the host ends the whole process when a function runs longer. */
export const FUNCTION_TIMEOUT_MS = 30 * 60_000;

/** A stream ends so long before (where that is short: after two thirds of it), to store the answer and to say how it ended. */
export const STREAM_RESERVE_MS = 2 * 60_000;

/** No stream is longer, even where the host sets no limit: instances are replaced, and a timer wants a number. */
export const LONGEST_STREAM_MS = 24 * 3_600_000;

/** How long a background create waits for the service to take the run before it is left to the polling loop. */
export const SUBMIT_LIMIT_MS = 30_000;

/** Reads, cancels and deletes at the service are small. */
export const SERVICE_CALL_LIMIT_MS = 30_000;

/** As much as the Functions host takes (`FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`): in Azure that refuses more itself, with an empty 500. */
export const BODY_LIMIT_BYTES = 100 * 1024 * 1024;

/** No legitimate request of the API nests deeper; a JSON bomb does. */
export const JSON_DEPTH_LIMIT = 64;

/** Values in one body: a long conversation has some hundred thousand; each costs up to eighty bytes once it is parsed. */
export const JSON_VALUES_LIMIT = 2_000_000;

/** Items in one `input` array. */
export const INPUT_ITEMS_LIMIT = 10_000;

/** `metadata` of the API: 16 pairs, keys of 64 and values of 512 characters. */
export const METADATA_PAIRS_LIMIT = 16;
export const METADATA_KEY_LIMIT_CHARS = 64;
export const METADATA_VALUE_LIMIT_CHARS = 512;

/** The smallest `max_output_tokens` the API takes. */
export const MIN_OUTPUT_TOKENS = 16;

/** SDKs ignore a longer `Retry-After` and fall back to their own, much shorter, back-off. */
export const RETRY_AFTER_LIMIT_SECONDS = 60;

/** Page sizes of every list: the API's default and most. */
export const PAGE_DEFAULT = 20;
export const PAGE_LIMIT = 100;

/** Cosmos DB's own TTL, only a safety net, lies this far behind the retention of a chain. */
export const TTL_MARGIN_DAYS = 7;

/** Largest file of an upload: the API's limit (512 MB at OpenAI) is out of reach of the platform's body limit. */
export const FILE_LIMIT_BYTES = BODY_LIMIT_BYTES;

/** `expires_after[seconds]` of an upload: an hour to 30 days (API reference). */
export const FILE_EXPIRY_MIN_SECONDS = 3_600;
export const FILE_EXPIRY_MAX_SECONDS = 30 * 24 * 3_600;
