import { fileTypeFromBuffer } from 'file-type';
import type { ImageReference } from '../chains/record.ts';
import { GatewayError, notFound } from '../errors.ts';
import { sha256, type BlobShelf } from '../platform/blobs.ts';
import type { Item } from '../upstream/wire.ts';

/** What the image models make. */
const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/webp']);
const UNKNOWN_TYPE = { ext: 'bin', mime: 'application/octet-stream' };

/** Where the bytes of an image stand in the item that made it. */
const IMAGE_ITEM = 'image_generation_call';

/** Takes generated images out of output items into the container `images`, and puts them back for callers. */
export class Images {
  readonly #shelf: BlobShelf;

  constructor(shelf: BlobShelf) {
    this.#shelf = shelf;
  }

  /** The same items without base64, and references to the blobs it went to. Writing the same image again is harmless. */
  async takeOut(
    turn: { chainId: string; id: string },
    output: readonly Item[],
  ): Promise<{ output: Item[]; images: ImageReference[] }> {
    const images = await Promise.all(
      output.map(async (item) => {
        const base64 = imageOf(item);
        return base64 === undefined ? undefined : this.#keep(turn, item.id, Buffer.from(base64, 'base64'));
      }),
    );
    return {
      output: output.map((item, index) => (images[index] === undefined ? item : { ...item, result: null })),
      images: images.filter((image) => image !== undefined),
    };
  }

  /** The items as the API gives them: base64 in `result`. */
  async putBack(output: readonly Item[], images: readonly ImageReference[]): Promise<Item[]> {
    return Promise.all(
      output.map(async (item) => {
        const image = images.find(({ itemId }) => itemId === item.id);
        return image === undefined ? item : { ...item, result: (await this.read(image)).toString('base64') };
      }),
    );
  }

  /** The bytes, checked against what was written. */
  async read(image: ImageReference): Promise<Buffer> {
    const content = await this.#shelf.get(image.blob);
    if (content === undefined) throw notFound('Image', image.itemId);
    if (content.bytes.length !== image.bytes || sha256(content.bytes) !== image.sha256) {
      throw new GatewayError('store_unavailable', 'The stored image is damaged.');
    }
    return content.bytes;
  }

  remove(turn: { chainId: string; id: string }): Promise<number> {
    return this.#shelf.removeFolder(`${turn.chainId}/${turn.id}/`);
  }

  async #keep(turn: { chainId: string; id: string }, itemId: string, bytes: Buffer): Promise<ImageReference> {
    const sniffed = await fileTypeFromBuffer(bytes);
    // What is no image is kept, because it is paid for, but nobody is ever told to show it.
    const type = sniffed !== undefined && IMAGE_TYPES.has(sniffed.mime) ? sniffed : UNKNOWN_TYPE;
    const blob = `${turn.chainId}/${turn.id}/${encodeURIComponent(itemId)}.${type.ext}`;
    const written = await this.#shelf.put(blob, bytes, { contentType: type.mime });
    return { itemId, blob, contentType: type.mime, ...written };
  }
}

const imageOf = (item: Item): string | undefined =>
  item.type === IMAGE_ITEM && typeof item.result === 'string' && item.result !== '' ? item.result : undefined;

/** The items with links in place of base64 (`?images=url`): small answers for callers that can fetch. */
export function withLinks(
  output: readonly Item[],
  images: readonly ImageReference[],
  linkTo: (itemId: string) => string,
): Item[] {
  return output.map((item) => {
    const known = images.some(({ itemId }) => itemId === item.id);
    return known ? { ...item, result: null, result_url: linkTo(item.id) } : item;
  });
}
