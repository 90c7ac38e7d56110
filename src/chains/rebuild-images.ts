import type { JsonObject } from '../upstream/wire.ts';
import type { ImageReference } from './record.ts';

/** How the base64 of each type begins: its magic bytes. */
const BEGINNINGS: readonly [beginning: string, type: string][] = [
  ['iVBOR', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['UklGR', 'image/webp'],
];

/** A generated image as the model can see it again: Azure takes no image by the id of the call that made it. */
export const imageAsInput = (base64: string): JsonObject => userMessage(imageParts(base64));

/** The same, for a message that has more to say. */
export function imageParts(base64: string): JsonObject[] {
  const type = BEGINNINGS.find(([beginning]) => base64.startsWith(beginning))?.[1] ?? 'image/png';
  return [
    { type: 'input_text', text: 'The image that was generated before:' },
    { type: 'input_image', detail: 'auto', image_url: `data:${type};base64,${base64}` },
  ];
}

/** In place of an image that is not sent again. */
export const imageLeftOut = (): JsonObject =>
  userMessage([{ type: 'input_text', text: '(An image was generated here. It is not shown again.)' }]);

const userMessage = (content: JsonObject[]): JsonObject => ({ type: 'message', role: 'user', content });

/** Azure refuses larger requests; a conversation of many images must stay answerable. */
const IMAGES_BUDGET_BYTES = 20 * 1024 * 1024;

/** The newest images that fit into one request. */
export function imagesThatFit(images: readonly ImageReference[]): Set<string> {
  const fitting = new Set<string>();
  let left = IMAGES_BUDGET_BYTES;
  for (const image of images.toReversed()) {
    if (image.bytes > left) break;
    left -= image.bytes;
    fitting.add(image.blob);
  }
  return fitting;
}
