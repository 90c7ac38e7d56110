import { hashOf } from '../values.ts';
import { keywords } from '../words.ts';
import type { Pixels } from './codecs.ts';
import { COLOURS, type Rgb } from './colours.ts';

/** Most shapes that one picture holds. */
const MAX_SHAPES = 12;

/**
 * A picture for a prompt: one shape for each of its words, in the colours that it names or in colours of its own,
 * on a plain ground or on none. The same prompt gives the same picture, another prompt another one.
 */
export function paint(prompt: string, width: number, height: number, transparent: boolean): Pixels {
  const words = keywords(prompt);
  const named = words.map((word) => COLOURS[word]).filter((colour) => colour !== undefined);
  const subjects = words.filter((word) => COLOURS[word] === undefined).slice(0, MAX_SHAPES);
  const canvas = new Canvas(width, height);
  const seed = hashOf(prompt);
  if (!transparent) canvas.ground(lighten(colourFor(seed)));
  subjects.forEach((word, index) => {
    const colour = named[index % Math.max(1, named.length)] ?? colourFor(hashOf(word));
    canvas.shape(hashOf(`${seed} ${word} ${index}`), colour);
  });
  if (subjects.length === 0) canvas.shape(seed, named[0] ?? colourFor(seed));
  return canvas;
}

function colourFor(seed: number): Rgb {
  const palette = Object.values(COLOURS);
  return palette[seed % palette.length] ?? [128, 128, 128];
}

function lighten([red, green, blue]: Rgb): Rgb {
  const mix = (channel: number): number => Math.round(channel * 0.25 + 255 * 0.75);
  return [mix(red), mix(green), mix(blue)];
}

class Canvas implements Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Uint8Array(width * height * 4);
  }

  ground([red, green, blue]: Rgb): void {
    new Uint32Array(this.data.buffer).fill(rgba(red, green, blue));
  }

  /** A disc, a box or a diamond; kind, place and size come out of the seed. */
  shape(seed: number, [red, green, blue]: Rgb): void {
    const unit = Math.min(this.width, this.height);
    const radius = Math.round(unit * (0.06 + ((seed >>> 4) % 100) / 700));
    const x = radius + ((seed >>> 8) % Math.max(1, this.width - 2 * radius));
    const y = radius + ((seed >>> 16) % Math.max(1, this.height - 2 * radius));
    const pixels = new Uint32Array(this.data.buffer);
    const colour = rgba(red, green, blue);
    for (let row = Math.max(0, y - radius); row < Math.min(this.height, y + radius); row++) {
      const half = HALF_WIDTHS[seed % HALF_WIDTHS.length]?.(radius, Math.abs(row - y)) ?? radius;
      const from = row * this.width + Math.max(0, x - half);
      pixels.fill(colour, from, row * this.width + Math.min(this.width, x + half));
    }
  }
}

/** Half the width of a shape at a distance from its middle. */
const HALF_WIDTHS: readonly ((radius: number, away: number) => number)[] = [
  (radius, away) => Math.round(Math.sqrt(radius * radius - away * away)),
  (radius) => radius,
  (radius, away) => radius - away,
];

/** One opaque pixel as the bytes lie in memory on every machine that Node runs on (little-endian). */
function rgba(red: number, green: number, blue: number): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
