/** What Azure OpenAI enforces. Sources: OpenAI's public API description and Microsoft's pages, unless a line says otherwise. */

export const METADATA_MAX_PAIRS = 16;
export const METADATA_KEY_MAX_CHARACTERS = 64;
export const METADATA_VALUE_MAX_CHARACTERS = 512;

export const MIN_OUTPUT_TOKENS = 16;
export const MIN_COMPACT_THRESHOLD_TOKENS = 1_000;
export const INPUT_MAX_CHARACTERS = 10_485_760;
export const CALL_ID_MAX_CHARACTERS = 64;
export const CONTAINER_MAX_INPUT_FILES = 50;

/** Our own guard against a runaway client; Azure's limit is not published. */
export const BODY_MAX_BYTES = 128 * 1024 * 1024;

export const FILE_MAX_BYTES = 512 * 1024 * 1024;
export const FILE_MIN_EXPIRY_SECONDS = 3_600;
export const FILE_MAX_EXPIRY_SECONDS = 2_592_000;
export const FILES_PAGE_MAX = 10_000;
export const PAGE_DEFAULT = 20;
export const PAGE_MAX = 100;

/** Stored responses are kept this long by default (Microsoft's how-to page). */
export const RESPONSE_RETENTION_MS = 30 * 24 * 60 * 60 * 1000;
/** OpenAI refuses to replay a stream older than this; Azure's window is not published. */
export const RESUME_WINDOW_MS = 5 * 60 * 1000;

/** A code-interpreter session lives one hour, or twenty minutes without use (Microsoft's how-to page). */
export const CONTAINER_LIFE_MS = 60 * 60 * 1000;
export const CONTAINER_IDLE_MINUTES = 20;

/** How long a background run stays queued and running when no scenario says otherwise: short, but visible. */
export const DEFAULT_QUEUED_MS = 100;
export const DEFAULT_RUNNING_MS = 100;
