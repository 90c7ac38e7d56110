import { Semaphore } from '../platform/semaphore.ts';
import { sourceOf, type DocumentEntry } from './entry.ts';
import { DocumentFailure, Superseded } from './failures.ts';
import type { LocalCopy, SourceFacts, SourceShelf } from './source.ts';
import type { Wishes } from './wishes.ts';

/** Copies on disk at the same time: the temporary disk of an instance is small. */
const copies = new Semaphore(4);

/** What one call of `advance` has in its hands, so that its steps need not fetch it twice. */
export class Visit {
  readonly #source: SourceShelf;
  #copy: LocalCopy | undefined;
  #wishes: Promise<Wishes> | undefined;
  #seat: (() => void) | undefined;

  constructor(source: SourceShelf) {
    this.#source = source;
  }

  /**
   * The blob, which must still hold the content of this entry.
   * @throws {Superseded} when it holds other content; {@link DocumentFailure} `source_gone` when it is not there.
   */
  async newest(entry: DocumentEntry, options: { mayBeGone?: boolean } = {}): Promise<SourceFacts> {
    const facts = await this.#source.facts(entry.name);
    if (facts === undefined) {
      if (options.mayBeGone === true) return { etag: entry.etag, bytes: entry.bytes, metadata: {}, lastModified: 0 };
      throw new DocumentFailure('source_gone', 'The file was removed before it was analysed.');
    }
    if (facts.etag !== entry.etag) throw new Superseded('The blob has changed.');
    return facts;
  }

  /** The file on disk, fetched once. */
  async copy(entry: DocumentEntry): Promise<LocalCopy> {
    if (this.#copy !== undefined) return this.#copy;
    this.#seat ??= await copies.enter();
    this.#copy = await this.#source.copyToDisk(sourceOf(entry));
    return this.#copy;
  }

  wishes(read: () => Promise<Wishes>): Promise<Wishes> {
    this.#wishes ??= read();
    return this.#wishes;
  }

  /** Gives the place on disk free, also for others. */
  async end(): Promise<void> {
    const [copy, leave] = [this.#copy, this.#seat];
    this.#copy = undefined;
    this.#seat = undefined;
    await copy?.discard();
    leave?.();
  }
}
