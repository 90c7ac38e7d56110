import { hashOf } from '../values.ts';
import { keywords } from '../words.ts';
import type { Pixels } from './codecs.ts';
import { COLOURS, type Rgb } from './colours.ts';

/** How much of the new colour an edit lays over the picture. */
const TINT = 0.45;

/**
 * The picture at a new size, laid over with the colour that the prompt names (or one of its own).
 * With a mask only its transparent part changes, as the service does it.
 */
export function tint(source: Pixels, prompt: string, size: { width: number; height: number }, mask?: Pixels): Pixels {
  const colour = tintFor(prompt);
  const { width, height } = size;
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = at(source, x / width, y / height);
      const to = (y * width + x) * 4;
      const editable = !mask || (mask.data[at(mask, x / width, y / height) + 3] ?? 0) < 128;
      for (let channel = 0; channel < 3; channel++) {
        const old = source.data[from + channel] ?? 0;
        data[to + channel] = editable ? Math.round(old * (1 - TINT) + (colour[channel] ?? 0) * TINT) : old;
      }
      data[to + 3] = source.data[from + 3] ?? 255;
    }
  }
  return { width, height, data };
}

/** Offset of the pixel at a place given in parts of the whole. */
function at({ width, height }: Pixels, x: number, y: number): number {
  return (Math.floor(y * height) * width + Math.floor(x * width)) * 4;
}

function tintFor(prompt: string): Rgb {
  const named = keywords(prompt)
    .map((word) => COLOURS[word])
    .find((colour) => colour !== undefined);
  const palette = Object.values(COLOURS);
  return named ?? palette[hashOf(prompt) % palette.length] ?? [128, 128, 128];
}
