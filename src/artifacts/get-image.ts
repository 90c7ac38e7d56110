import { readable } from '../chains/access.ts';
import type { ImageReference } from '../chains/record.ts';
import type { ChainStore } from '../chains/store.ts';
import { notFound } from '../errors.ts';
import type { Images } from './images.ts';

export interface StoredImage {
  reference: ImageReference;
  /** The bytes, checked. A caller who has them already needs no read. */
  read: () => Promise<Buffer>;
}

/** An image that a response of the caller has made. Throws `not_found` for any other. */
export type GetImage = (owner: string, responseId: string, itemId: string) => Promise<StoredImage>;

export function createGetImage(deps: { store: ChainStore; images: Pick<Images, 'read'> }): GetImage {
  return async (owner, responseId, itemId) => {
    const record = await readable(deps.store, owner, responseId);
    const reference = record.images.find((image) => image.itemId === itemId);
    if (reference === undefined) throw notFound('Image', itemId);
    return { reference, read: () => deps.images.read(reference) };
  };
}
