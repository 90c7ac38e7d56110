import type { Item } from '../../turn.ts';
import { readImageHeader } from '../input/image-header.ts';
import { stringOf } from '../values.ts';
import { decodePixels, encodePixels } from './codecs.ts';

/** Edge of the tiles of the first preview, in pixels; every further one halves it. */
const FIRST_TILE = 128;

/**
 * A coarse early version of a finished `image_generation_call`, as base64 in the same format: what a partial image
 * shows. `index` 0 is the coarsest. `undefined` when the item holds no image.
 */
export async function previewOf(item: Item, index: number): Promise<string | undefined> {
  const bytes = Buffer.from(stringOf(item['result']) ?? '', 'base64');
  const header = readImageHeader(bytes);
  const pixels = header && (await decodePixels(bytes, header.mime));
  if (!header || !pixels) return undefined;
  const tile = Math.max(2, FIRST_TILE >> index);
  const { width, height } = pixels;
  const source = new Uint32Array(Uint8Array.from(pixels.data).buffer);
  const coarse = new Uint32Array(source.length);
  for (let y = 0; y < height; y++) {
    const row = (y - (y % tile)) * width;
    for (let x = 0; x < width; x++) coarse[y * width + x] = source[row + x - (x % tile)] ?? 0;
  }
  const encoded = await encodePixels({ width, height, data: new Uint8Array(coarse.buffer) }, header.mime, 60);
  return Buffer.from(encoded).toString('base64');
}
