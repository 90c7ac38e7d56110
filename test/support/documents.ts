import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { RestError, type BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { z } from 'zod';
import type { Endpoints } from '../../local/world/endpoints.ts';
import { eventually } from './eventually.ts';
import { doorOf } from './raw.ts';
import { openBlobs } from './world.ts';

/** What a person with a storage explorer and a caller with a key can do with dropped documents. */

const analysis = z.looseObject({
  source: z.object({ container: z.string(), name: z.string(), etag: z.string() }),
  document_id: z.string(),
  response_id: z.string(),
  chain_id: z.string(),
  answer: z.string(),
});
const failure = z.looseObject({
  source: z.object({ container: z.string(), name: z.string(), etag: z.string() }),
  document_id: z.string(),
  reason: z.string(),
  message: z.string(),
  what_to_do: z.string(),
});
const document = z.looseObject({
  id: z.string(),
  state: z.string(),
  run: z.number(),
  note: z.string().nullable(),
  response_id: z.string().nullable(),
  source: z.object({ container: z.string(), name: z.string(), etag: z.string() }),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
});
const page = z.looseObject({ data: z.array(document), has_more: z.boolean(), last_id: z.string().nullable() });

export type Analysis = z.infer<typeof analysis>;
export type DocumentView = z.infer<typeof document>;
export type Result = { analysis: Analysis } | { error: z.infer<typeof failure> };

export interface DropBox {
  readonly pdfs: ContainerClient;
  readonly analyses: ContainerClient;
  /** Uploads a blob; gives its ETag. */
  drop(name: string, content: Uint8Array | string, metadata?: Record<string, string>): Promise<string>;
  /** Waits for the result of exactly this content. */
  resultOf(name: string, etag: string): Promise<Result>;
  /** Waits for an analysis; fails with the reason when there is an error instead. */
  analysisOf(name: string, etag: string): Promise<Analysis>;
  errorOf(name: string, etag: string): Promise<z.infer<typeof failure>>;
  /** The text of a blob in `analyses`, or undefined. */
  read(name: string): Promise<string | undefined>;
}

export async function openDropBox(endpoints: Endpoints): Promise<DropBox> {
  const blobs: BlobServiceClient = await openBlobs(endpoints);
  const pdfs = blobs.getContainerClient('pdfs');
  const analyses = blobs.getContainerClient('analyses');
  const read = async (name: string): Promise<string | undefined> => {
    try {
      const { readableStreamBody } = await analyses.getBlobClient(name).download();
      return readableStreamBody === undefined ? '' : await text(readableStreamBody);
    } catch (error) {
      if (error instanceof RestError && error.statusCode === 404) return undefined;
      throw error;
    }
  };
  const look = async (name: string, etag: string): Promise<Result | undefined> => {
    const [good, bad] = await Promise.all([read(`${name}/analysis.json`), read(`${name}/error.json`)]);
    const found = good === undefined ? undefined : analysis.parse(JSON.parse(good));
    if (found?.source.etag === etag) return { analysis: found };
    const wrong = bad === undefined ? undefined : failure.parse(JSON.parse(bad));
    return wrong?.source.etag === etag ? { error: wrong } : undefined;
  };
  const resultOf = (name: string, etag: string): Promise<Result> =>
    eventually(`a result of ${name}`, () => look(name, etag));
  return {
    pdfs,
    analyses,
    read,
    resultOf,
    async drop(name, content, metadata) {
      const bytes = Buffer.from(content);
      const { etag } = await pdfs.getBlockBlobClient(name).upload(bytes, bytes.byteLength, { metadata });
      return etag ?? '';
    },
    async analysisOf(name, etag) {
      const result = await resultOf(name, etag);
      if ('error' in result) throw new Error(`${name} ended in ${result.error.reason}: ${result.error.message}`);
      return result.analysis;
    },
    async errorOf(name, etag) {
      const result = await resultOf(name, etag);
      if ('analysis' in result) throw new Error(`${name} was analysed: ${result.analysis.answer}`);
      return result.error;
    },
  };
}

/** The doors of dropped documents as a caller sees them. */
export interface DocumentsApi {
  list(query?: string): Promise<{ data: DocumentView[]; has_more: boolean; last_id: string | null }>;
  get(id: string): Promise<DocumentView>;
  post(id: string, verb: 'replay' | 'cancel'): Promise<DocumentView>;
  /** Any call, with its bare status. */
  status(method: string, path: string): Promise<number>;
  /** Waits until the document is in one of these states. */
  settled(id: string, ...states: string[]): Promise<DocumentView>;
}

export function documentsApi(endpoints: Endpoints, key = 'local'): DocumentsApi {
  const { json, status } = doorOf(endpoints, key);
  const get = async (id: string): Promise<DocumentView> => document.parse(await json('GET', `documents/${id}`));
  return {
    get,
    list: async (query = '') => page.parse(await json('GET', `documents${query}`)),
    post: async (id, verb) => document.parse(await json('POST', `documents/${id}/${verb}`)),
    status,
    settled: (id, ...states) =>
      eventually(`document ${id} in state ${states.join(' or ')}`, async () => {
        const found = await get(id);
        return states.includes(found.state) ? found : undefined;
      }),
  };
}

/** A folder of its own for each test file, so that tests beside it change nothing. */
export const newFolder = (): string => `t${randomUUID().slice(0, 8)}`;
