import { withLinks, type Images } from '../artifacts/images.ts';
import type { ChainRecord } from '../chains/record.ts';
import type { ChainStore } from '../chains/store.ts';
import type { Item, JsonObject } from '../upstream/wire.ts';

/** How callers want generated images: in the answer as the API does, or as links to `getImage`. */
export type ImageForm = { as: 'base64' } | { as: 'links'; base: string };

export const imageLink = (base: string, responseId: string, itemId: string): string =>
  `${base}/openai/v1/responses/${responseId}/images/${encodeURIComponent(itemId)}`;

/** Items with the images of one response in them, in the form the caller asked for. */
export async function showImages(
  deps: { images: Pick<Images, 'putBack'> },
  record: Pick<ChainRecord, 'id' | 'images'>,
  items: readonly Item[],
  form: ImageForm,
): Promise<Item[]> {
  return form.as === 'links'
    ? withLinks(items, record.images, (itemId) => imageLink(form.base, record.id, itemId))
    : deps.images.putBack(items, record.images);
}

/** The response object of a stored record, as the API gives it. */
export type Present = (record: ChainRecord, images?: ImageForm) => Promise<JsonObject>;

/** A response as one caller gets it. */
export interface Shown {
  response: JsonObject;
  /** Its context came from our transcript, not from the service's. */
  rebuilt: boolean;
}

export const show = async (present: Present, record: ChainRecord, images: ImageForm): Promise<Shown> => ({
  response: await present(record, images),
  rebuilt: record.rebuilt === true,
});

export function createPresent(deps: { store: ChainStore; images: Pick<Images, 'putBack'> }): Present {
  return async (record, form = { as: 'base64' }) => {
    const [envelope, light] = await Promise.all([deps.store.open(record.envelope), deps.store.open(record.output)]);
    return { ...envelope, output: await showImages(deps, record, light, form) };
  };
}

/** The same for one caller, who wants images in this form. */
export const inForm = <T extends { present: Present }>(deps: T, images: ImageForm): T => ({
  ...deps,
  present: (record) => deps.present(record, images),
});
