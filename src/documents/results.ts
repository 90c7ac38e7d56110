import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { isConflict, sha256, type BlobContent, type BlobShelf } from '../platform/blobs.ts';
import type { JsonObject } from '../upstream/wire.ts';
import type { DocumentEntry } from './entry.ts';
import { Superseded } from './failures.ts';
import type { SourceShelf } from './source.ts';

/** Azure's limit for a blob name, and what the longest name of a result adds to the document's. */
const BLOB_NAME_LIMIT_CHARS = 1_024;
const RESULT_NAME_CHARS = 80;

/** Writers that meet here are the runs of one path; each of them is done after a few tries. */
const WRITE_ATTEMPTS = 6;
const WRITE_PAUSE_MS = 50;

/** Where the results of a document lie: a folder with the document's name. A name too long to be one is cut, and told apart by a hash. */
export function resultFolder(name: string): string {
  const most = BLOB_NAME_LIMIT_CHARS - RESULT_NAME_CHARS;
  return `${name.length <= most ? name : `${name.slice(0, most - 20)}~${sha256(name).slice(0, 16)}`}/`;
}

export const resultNames = (name: string): { markdown: string; json: string; error: string } => {
  const folder = resultFolder(name);
  return { markdown: `${folder}analysis.md`, json: `${folder}analysis.json`, error: `${folder}error.json` };
};

/** Where the JSON of an earlier content, or of an earlier run on the same content, is kept. */
export const versionName = (name: string, of: { etag: string; run?: number }): string => {
  const run = of.run === undefined || of.run === 1 ? '' : `-${of.run}`;
  return `${resultFolder(name)}versions/${of.etag.replace(/[^A-Za-z0-9]/g, '')}${run}.json`;
};

const resultShape = z.looseObject({
  source: z.looseObject({ etag: z.string() }),
  run: z.number().optional(),
});

/** The container of results. Every write is conditional: the result at a path belongs to the newest content there. */
export class ResultShelf {
  readonly #shelf: BlobShelf;
  readonly #source: Pick<SourceShelf, 'facts'>;

  constructor(shelf: BlobShelf, source: Pick<SourceShelf, 'facts'>) {
    this.#shelf = shelf;
    this.#source = source;
  }

  /** Markdown first, JSON last: whoever sees the JSON sees all of it. Throws {@link Superseded}. */
  async putAnalysis(entry: DocumentEntry, markdown: string, json: JsonObject): Promise<void> {
    const names = resultNames(entry.name);
    await this.clear(entry);
    await this.#write(entry, names.markdown, markdown, 'text/markdown; charset=utf-8');
    await this.#write(entry, names.json, toText(json), 'application/json');
  }

  /** Throws {@link Superseded}. */
  async putError(entry: DocumentEntry, json: JsonObject): Promise<void> {
    await this.clear(entry);
    await this.#write(entry, resultNames(entry.name).error, toText(json), 'application/json');
  }

  /** Keeps an analysis that newer content has overtaken, and gives the name of its blob. */
  async putVersion(entry: DocumentEntry, json: JsonObject): Promise<string> {
    const name = versionName(entry.name, entry);
    await this.#shelf.put(name, toText(json), { contentType: 'application/json' });
    return name;
  }

  /**
   * Takes away what lies at the path from earlier content or an earlier run: an old analysis must not be taken for one
   * of the new file. Old JSON is kept in `versions/`. Throws {@link Superseded}.
   */
  async clear(entry: DocumentEntry): Promise<void> {
    const names = resultNames(entry.name);
    const [json, error] = await Promise.all([this.#shelf.get(names.json), this.#shelf.get(names.error)]);
    if (json !== undefined && isOther(json, entry)) {
      const found = readResult(json);
      const kept = versionName(entry.name, { etag: found?.source.etag ?? json.etag, run: found?.run });
      await this.#shelf.put(kept, json.bytes, { contentType: 'application/json' });
      await this.#discard(entry, names.markdown);
      await this.#discard(entry, names.json, json.etag);
    }
    if (error !== undefined && isOther(error, entry)) await this.#discard(entry, names.error, error.etag);
  }

  /** Removes a blob unless somebody has written it anew. */
  async #discard(entry: DocumentEntry, name: string, etag?: string): Promise<void> {
    await this.#mustBeNewest(entry);
    try {
      await this.#shelf.client.getBlobClient(name).deleteIfExists({ conditions: { ifMatch: etag } });
    } catch (error) {
      // Written anew since it was looked at: by a newer run, whose result stays.
      if (!isConflict(error)) throw error;
    }
  }

  /**
   * Writes only if nobody has written since the content was seen to be the newest: first the result's ETag is read, then the
   * source's. A newer run that writes in between makes the condition fail; one that has written before has changed the source before.
   */
  async #write(entry: DocumentEntry, name: string, text: string, contentType: string): Promise<void> {
    const blob = this.#shelf.client.getBlockBlobClient(name);
    for (let attempt = 1; ; attempt += 1) {
      const etag = (await this.#shelf.get(name))?.etag;
      await this.#mustBeNewest(entry);
      try {
        await blob.upload(text, Buffer.byteLength(text), {
          blobHTTPHeaders: { blobContentType: contentType },
          conditions: etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag },
        });
        return;
      } catch (error) {
        if (!isConflict(error) || attempt >= WRITE_ATTEMPTS) throw error;
        await pause(WRITE_PAUSE_MS * attempt);
      }
    }
  }

  /** A blob that is gone has no newer content: what became of it may still be told. */
  async #mustBeNewest(entry: DocumentEntry): Promise<void> {
    const now = await this.#source.facts(entry.name);
    if (now !== undefined && now.etag !== entry.etag) throw new Superseded('The blob has changed.');
  }
}

function isOther(result: BlobContent, entry: DocumentEntry): boolean {
  const found = readResult(result);
  return found?.source.etag !== entry.etag || (found.run ?? 1) !== entry.run;
}

/** Whose result this is; undefined for a file that is none of ours. */
function readResult(result: BlobContent): z.infer<typeof resultShape> | undefined {
  try {
    return resultShape.safeParse(JSON.parse(result.bytes.toString('utf8'))).data;
  } catch {
    // Somebody put another file there. It is treated as an old version.
    return undefined;
  }
}

const toText = (json: JsonObject): string => `${JSON.stringify(json, undefined, 2)}\n`;
