import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { type BlobServiceClient, type ContainerClient, RestError } from '@azure/storage-blob';
import { z } from 'zod';
import type { Source } from './sources.ts';

/** How a dropped file ended. */
export type Outcome =
  | { state: 'completed'; blob: string; etag: string; markdown: string; analysis: unknown }
  | { state: 'failed'; blob: string; etag: string; reason: string; error: unknown };

export interface Progress {
  /** @param share from 0 to 1 */
  uploading(share: number): void;
  /** The file is there; the rest is up to the app. */
  waiting(): void;
}

const FIRST_LOOK_MS = 150;
const SLOWEST_LOOK_MS = 2_000;
/** The app's own ceilings (two hours queued, four running) come first and leave an error.json. */
const GIVE_UP_MS = 6.5 * 3_600_000;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf',
  '.md': 'text/markdown; charset=utf-8',
  '.json': 'application/json',
};

/** Both kinds of result say which upload they belong to; a result of older content lies at the same path until it is replaced. */
const ofUpload = z.looseObject({ source: z.looseObject({ etag: z.string() }) });
const failure = z.looseObject({ message: z.string(), what_to_do: z.string().optional() });

/** A blob's name has 1,024 characters at most: the results of a very long one lie under a shorter name, told apart by a hash. */
const LONGEST_FOLDER_CHARS = 944;
const HASH_CHARS = 16;

/** Uploads one file into `pdfs`. Gives the ETag of the content, without quotes. */
export async function upload(
  service: BlobServiceClient,
  source: Source,
  metadata: Record<string, string>,
  onShare: (share: number) => void = () => undefined,
): Promise<string> {
  const blob = service.getContainerClient('pdfs').getBlockBlobClient(source.blob);
  const size = await sizeOf(source);
  const { etag = '' } = await blob.uploadFile(source.file, {
    metadata,
    blobHTTPHeaders: {
      blobContentType: CONTENT_TYPES[extname(source.file).toLowerCase()] ?? 'application/octet-stream',
    },
    onProgress: ({ loadedBytes }) => onShare(size === 0 ? 1 : loadedBytes / size),
  });
  return unquoted(etag);
}

/**
 * Drops one document and waits for what becomes of exactly this content.
 * @throws the storage SDK's errors; Error when somebody replaces the content meanwhile, or there is no result after six and a half hours.
 */
export async function dropFile(
  service: BlobServiceClient,
  source: Source,
  metadata: Record<string, string>,
  progress: Progress,
): Promise<Outcome> {
  const etag = await upload(service, source, metadata, (share) => progress.uploading(share));
  progress.waiting();
  const results = service.getContainerClient('analyses');
  const limit = Date.now() + GIVE_UP_MS;
  for (let delay = FIRST_LOOK_MS; Date.now() < limit; delay = Math.min(delay * 1.25, SLOWEST_LOOK_MS)) {
    const outcome = await look(results, source.blob, etag);
    if (outcome) return outcome;
    await mustBeNewest(service, source.blob, etag);
    await pause(delay);
  }
  throw new Error(
    'There is no result yet. Is the app running? The result will still appear in the container "analyses".',
  );
}

/** Results are for the newest content only: whoever waits for an older one waits for ever. */
async function mustBeNewest(service: BlobServiceClient, name: string, etag: string): Promise<void> {
  const blob = service.getContainerClient('pdfs').getBlobClient(name);
  const now = await blob.getProperties().catch((error: unknown) => {
    if (error instanceof RestError && error.statusCode === 404) return undefined;
    throw error;
  });
  if (now?.etag !== undefined && unquoted(now.etag) !== etag) {
    throw new Error('Another upload has replaced this one: the result will be that of the newer file.');
  }
}

async function look(results: ContainerClient, blob: string, etag: string): Promise<Outcome | undefined> {
  const folder = resultFolder(blob);
  const [analysis, error] = await Promise.all([
    readOwn(results, `${folder}/analysis.json`, etag),
    readOwn(results, `${folder}/error.json`, etag),
  ]);
  if (error !== undefined) return { state: 'failed', blob, etag, reason: reasonOf(error), error };
  if (analysis === undefined) return undefined;
  // The JSON is written last: whoever sees it sees the text, too.
  const markdown = (await readText(results, `${folder}/analysis.md`)) ?? '';
  return { state: 'completed', blob, etag, markdown, analysis };
}

function resultFolder(blob: string): string {
  if (blob.length <= LONGEST_FOLDER_CHARS) return blob;
  const hash = createHash('sha256').update(blob).digest('hex').slice(0, HASH_CHARS);
  return `${blob.slice(0, LONGEST_FOLDER_CHARS - HASH_CHARS - 4)}~${hash}`;
}

async function readOwn(results: ContainerClient, name: string, etag: string): Promise<unknown> {
  const written = await readText(results, name);
  if (written === undefined) return undefined;
  const result: unknown = JSON.parse(written);
  const belongs = ofUpload.safeParse(result);
  return belongs.success && unquoted(belongs.data.source.etag) === etag ? result : undefined;
}

async function readText(results: ContainerClient, name: string): Promise<string | undefined> {
  try {
    // In one request: a result that is replaced between two would be neither the old nor the new one.
    const { readableStreamBody } = await results.getBlobClient(name).download();
    return readableStreamBody ? await text(readableStreamBody) : '';
  } catch (error) {
    if (error instanceof RestError && error.statusCode === 404) return undefined;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  const parsed = failure.safeParse(error);
  if (!parsed.success) return 'The analysis failed; error.json does not say why.';
  const { message, what_to_do: advice } = parsed.data;
  return advice === undefined ? message : `${message} ${advice}`;
}

const unquoted = (etag: string): string => etag.replaceAll('"', '');

const sizeOf = async ({ file }: Source): Promise<number> => (await stat(file)).size;
