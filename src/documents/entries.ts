import type { Directory } from '../chains/directory.ts';
import { LostRace } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import { newChainId, newResponseId, sortKey } from '../platform/ids.ts';
import {
  documentEntryId,
  documentKey,
  hasEnded,
  type DocumentEntry,
  type DocumentState,
  type SourceReference,
} from './entry.ts';

export interface EntriesDeps {
  directory: Directory;
  clock: Clock;
  /** Whose the dropped documents are. */
  owner: string;
  ttlSeconds: number;
}

/** More writers than the loop, a cancel and a replay never meet on one entry. */
const UPDATE_ATTEMPTS = 8;

const LIST_FIELDS = 'SELECT * FROM c WHERE c.kind = "document"';

export interface ListFilter {
  /** Beginning of the blob's name. */
  path?: string;
  state?: DocumentState;
  /** Key of the entry the page begins behind. */
  after?: DocumentEntry;
  limit: number;
}

/** The entries of dropped documents in the directory: conditional writes, and lists of them. */
export class DocumentEntries {
  readonly #deps: EntriesDeps;

  constructor(deps: EntriesDeps) {
    this.#deps = deps;
  }

  get owner(): string {
    return this.#deps.owner;
  }

  read(key: string): Promise<DocumentEntry | undefined> {
    return this.#deps.directory.read<DocumentEntry>(this.#deps.owner, documentEntryId(key));
  }

  /** A new document, or the one that is there already: the first of two events makes it. */
  async take(source: SourceReference, facts: { bytes: number }): Promise<DocumentEntry> {
    const { clock, directory, owner, ttlSeconds } = this.#deps;
    const key = documentKey(source);
    const now = clock.now();
    const seconds = unixSeconds(clock);
    const entry: DocumentEntry = {
      id: documentEntryId(key),
      owner,
      kind: 'document',
      ttl: ttlSeconds,
      key,
      ...source,
      ...facts,
      state: 'received',
      run: 1,
      createdAt: seconds,
      updatedAt: seconds,
      runStartedAt: now,
      sort: sortKey(now, key),
      ...reserveResponse(),
    };
    try {
      return await directory.create(entry);
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      return (await this.read(key)) ?? entry;
    }
  }

  /**
   * Changes an entry by conditional writes until one wins; `change` gives the next version, or undefined to leave it.
   * @returns the entry as it stands afterwards; undefined when there is none.
   */
  async update(
    key: string,
    change: (entry: DocumentEntry) => DocumentEntry | undefined,
  ): Promise<DocumentEntry | undefined> {
    for (let attempt = 0; attempt < UPDATE_ATTEMPTS; attempt += 1) {
      const entry = await this.read(key);
      const next = entry && change(entry);
      if (entry === undefined || next === undefined) return entry;
      try {
        return await this.#replace(next);
      } catch (error) {
        if (!(error instanceof LostRace)) throw error;
      }
    }
    throw new GatewayError(
      'store_unavailable',
      'This document is being changed by too many writers at once. Try again.',
      {
        retryAfterSeconds: 1,
      },
    );
  }

  /** Moves a run on, unless it has ended or been replayed meanwhile: then the newer entry is given back untouched. */
  async move(entry: DocumentEntry, changes: Partial<DocumentEntry>): Promise<DocumentEntry | undefined> {
    try {
      // Nearly always nobody else has written since: one write, no read.
      return await this.#replace({ ...entry, ...changes });
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
    }
    return this.update(entry.key, (now) =>
      hasEnded(now) || now.run !== entry.run ? undefined : { ...now, ...changes },
    );
  }

  #replace(entry: DocumentEntry): Promise<DocumentEntry> {
    return this.#deps.directory.replace({ ...entry, updatedAt: unixSeconds(this.#deps.clock) });
  }

  /** Newest first. */
  async list(filter: ListFilter): Promise<{ entries: DocumentEntry[]; more: boolean }> {
    const { path, state, after, limit } = filter;
    const conditions = [
      ...(path === undefined ? [] : ['STARTSWITH(c.name, @path)']),
      ...(state === undefined ? [] : ['c.state = @state']),
      ...(after === undefined ? [] : ['c.sort < @after']),
    ];
    const query = `${[LIST_FIELDS, ...conditions].join(' AND ')} ORDER BY c.sort DESC OFFSET 0 LIMIT ${limit + 1}`;
    const parameters = [
      { name: '@path', value: path ?? null },
      { name: '@state', value: state ?? null },
      { name: '@after', value: after?.sort ?? null },
    ].filter(({ value }) => value !== null);
    const rows = await this.#all<DocumentEntry>({ query, parameters });
    return { entries: rows.slice(0, limit), more: rows.length > limit };
  }

  /** Which of these documents are known. */
  async known(keys: readonly string[]): Promise<Set<string>> {
    const rows = await this.#all<string>({
      query: 'SELECT VALUE c.key FROM c WHERE c.kind = "document" AND ARRAY_CONTAINS(@keys, c.key)',
      parameters: [{ name: '@keys', value: [...keys] }],
    });
    return new Set(rows);
  }

  /** Keys of documents that have not ended and were not touched since. */
  idleSince(seconds: number): Promise<string[]> {
    return this.#all<string>({
      query:
        'SELECT VALUE c.key FROM c WHERE c.kind = "document" AND c.updatedAt < @since ' +
        'AND c.state IN ("received", "uploading", "analysing")',
      parameters: [{ name: '@since', value: seconds }],
    });
  }

  #all<T>(spec: Parameters<Directory['queryAll']>[0]): Promise<T[]> {
    return this.#deps.directory.queryAll(spec, this.#deps.owner);
  }
}

/** Ids for a new analysis in a chain of its own. */
export function reserveResponse(): { chainId: string; responseId: string } {
  const chainId = newChainId();
  return { chainId, responseId: newResponseId(chainId) };
}
