import { EVERYBODY } from '../chains/access.ts';
import { GatewayError, notFound } from '../errors.ts';
import type { BlobContainer } from '../platform/blobs.ts';
import type { JsonObject } from '../upstream/wire.ts';
import type { DocumentEntries } from './entries.ts';
import { isDocumentKey, sourceOf, type DocumentEntry, type DocumentPlan, type DocumentState } from './entry.ts';
import { whatToDo, type Failure } from './failures.ts';
import { resultNames } from './results.ts';

export interface DocumentPage {
  data: JsonObject[];
  hasMore: boolean;
}

export interface ListRequest {
  path?: string;
  state?: DocumentState;
  after?: string;
  limit: number;
}

/** What callers may see of dropped documents. */
export interface BrowseDocuments {
  list(caller: string, request: ListRequest): Promise<DocumentPage>;
  get(caller: string, key: string): Promise<JsonObject>;
}

export function createBrowseDocuments(deps: { entries: DocumentEntries }): BrowseDocuments {
  return {
    async list(caller, { path, state, after, limit }) {
      if (!maySee(deps.entries, caller)) return { data: [], hasMore: false };
      const cursor = after === undefined ? undefined : await readable(deps.entries, caller, after);
      const { entries, more } = await deps.entries.list({ path, state, after: cursor, limit });
      return { data: entries.map(presentDocument), hasMore: more };
    },
    get: async (caller, key) => presentDocument(await readable(deps.entries, caller, key)),
  };
}

const maySee = (entries: DocumentEntries, caller: string): boolean =>
  entries.owner === EVERYBODY || entries.owner === caller;

/** The document, when it is the caller's or everybody's. A foreign and an unknown id give the same 404. */
async function readable(entries: DocumentEntries, caller: string, key: string): Promise<DocumentEntry> {
  const entry = isDocumentKey(key) && maySee(entries, caller) ? await entries.read(key) : undefined;
  if (entry === undefined) throw notFound('Document', key);
  return entry;
}

/** @throws `forbidden` for what belongs to everybody: that may be read and continued, not changed. */
export async function changeable(entries: DocumentEntries, caller: string, key: string): Promise<DocumentEntry> {
  const entry = await readable(entries, caller, key);
  if (entry.owner !== caller) {
    throw new GatewayError(
      'forbidden',
      'Dropped documents belong to everybody here (DOCUMENTS_OWNER=*): they can be read and continued, not replayed or cancelled.',
    );
  }
  return entry;
}

/** The document as callers see it. */
export function presentDocument(entry: DocumentEntry): JsonObject {
  const analysed = entry.state === 'analysing' || entry.state === 'completed' || entry.version !== undefined;
  return {
    id: entry.key,
    object: 'document',
    state: entry.state,
    note: entry.note ?? null,
    source: sourceOf(entry),
    bytes: entry.bytes,
    run: entry.run,
    created_at: entry.createdAt,
    updated_at: entry.updatedAt,
    finished_at: entry.finishedAt ?? null,
    model: entry.model ?? null,
    ...presentPlan(entry.plan),
    response_id: analysed ? entry.responseId : null,
    chain_id: analysed ? entry.chainId : null,
    results: presentResults(entry),
    error: presentFailure(entry.failure),
  };
}

const presentPlan = (plan: DocumentPlan | undefined): JsonObject =>
  plan === undefined
    ? { pages: null, kind: null, estimate: null }
    : {
        pages: plan.pages,
        kind: plan.kind,
        estimate: { input_tokens: plan.estimatedInputTokens, input_cost_usd: plan.estimatedCostUsd ?? null },
      };

const presentFailure = (failure: Failure | undefined): JsonObject | null =>
  failure === undefined
    ? null
    : { code: failure.reason, message: failure.message, what_to_do: whatToDo[failure.reason] };

/** Where the results lie, once there are any. */
function presentResults(entry: DocumentEntry): JsonObject | null {
  const names = resultNames(entry.name);
  if (entry.state === 'completed') return { container: RESULTS, markdown: names.markdown, json: names.json };
  if (entry.version !== undefined) return { container: RESULTS, json: entry.version };
  return entry.failure === undefined ? null : { container: RESULTS, error: names.error };
}

const RESULTS: BlobContainer = 'analyses';
