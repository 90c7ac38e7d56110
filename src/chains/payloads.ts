import { GatewayError } from '../errors.ts';
import { sha256, type BlobShelf } from '../platform/blobs.ts';
import { INLINE_BUDGET_BYTES } from '../platform/limits.ts';
import { inlineOf, type ChainRecord, type Part } from './record.ts';

const PARTS = ['output', 'input', 'request', 'envelope'] as const;
type PartName = (typeof PARTS)[number];

/** Reads a part wherever it lies, and moves the largest ones out when a document grows over its budget. */
export class Payloads {
  readonly #shelf: BlobShelf;

  constructor(shelf: BlobShelf) {
    this.#shelf = shelf;
  }

  /** The value of a part. Throws `store_unavailable` when its blob is gone or is not what was written. */
  async open<T>(part: Part<T>): Promise<T> {
    if ('inline' in part) return part.inline;
    const content = await this.#shelf.get(part.blob);
    if (content === undefined || sha256(content.bytes) !== part.sha256) {
      throw new GatewayError('store_unavailable', 'A stored part of this response is missing or damaged.');
    }
    // Written by this class, and its hash was checked: the type is what went in.
    return JSON.parse(content.bytes.toString('utf8')) as T;
  }

  /** The record with parts spilled until the document fits {@link INLINE_BUDGET_BYTES}. Blobs are written before the document that names them. */
  async fit(record: ChainRecord): Promise<ChainRecord> {
    let total = sizeOf(record);
    if (total <= INLINE_BUDGET_BYTES) return record;
    const fitted = { ...record };
    const bySize = PARTS.filter((name) => 'inline' in record[name])
      .map((name) => ({ name, text: JSON.stringify(inlineOf<unknown>(record[name])) }))
      .sort((a, b) => b.text.length - a.text.length);
    for (const { name, text } of bySize) {
      if (total <= INLINE_BUDGET_BYTES) break;
      fitted[name] = await this.#spill(record, name, text);
      total -= Buffer.byteLength(text);
    }
    return total <= INLINE_BUDGET_BYTES ? fitted : { ...fitted, itemIds: fitted.itemIds.slice(-ITEM_IDS_KEPT) };
  }

  /** Removes every spilled part of a response. */
  remove(record: Pick<ChainRecord, 'chainId' | 'id'>): Promise<number> {
    return this.#shelf.removeFolder(folderOf(record));
  }

  async #spill(
    record: ChainRecord,
    name: PartName,
    text: string,
  ): Promise<{ blob: string; bytes: number; sha256: string }> {
    // The hash in the name: a part that is written again never overwrites what another version of the document still names.
    const blob = `${folderOf(record)}${name}-${sha256(text).slice(0, 16)}.json`;
    return { blob, ...(await this.#shelf.put(blob, text, { contentType: 'application/json' })) };
  }
}

/** Thousands of input items come from callers who keep their own context and never refer to one by id. */
const ITEM_IDS_KEPT = 200;

const folderOf = (record: Pick<ChainRecord, 'chainId' | 'id'>): string => `${record.chainId}/${record.id}/`;

const sizeOf = (record: ChainRecord): number => Buffer.byteLength(JSON.stringify(record));
