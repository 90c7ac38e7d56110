import type { Pixels } from './codecs.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

/** Colours that have a name here: those that prompts name and that descriptions give. */
export const COLOURS: Readonly<Record<string, Rgb>> = {
  black: [20, 20, 20],
  white: [250, 250, 250],
  gray: [128, 128, 128],
  red: [220, 40, 40],
  orange: [245, 140, 30],
  yellow: [250, 220, 50],
  green: [50, 160, 70],
  teal: [0, 128, 128],
  cyan: [40, 200, 220],
  blue: [40, 90, 220],
  navy: [15, 25, 90],
  purple: [130, 60, 180],
  pink: [245, 150, 190],
  brown: [130, 80, 45],
  beige: [235, 220, 190],
  gold: [212, 175, 55],
};

/** Pixels looked at, at most: a sample is enough for a name. */
const SAMPLES = 20_000;

/** Name of the commonest colour. */
export function dominantColour({ data, width, height }: Pixels): string {
  const step = Math.max(1, Math.floor((width * height) / SAMPLES));
  const counts = new Map<string, number>();
  for (let pixel = 0; pixel < width * height; pixel += step) {
    const at = pixel * 4;
    const name =
      (data[at + 3] ?? 255) < 32 ? 'transparent' : nearestColour([data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const [commonest] = [...counts].sort((a, b) => b[1] - a[1]);
  return commonest?.[0] ?? 'transparent';
}

function nearestColour(colour: Rgb): string {
  let best = 'gray';
  let least = Infinity;
  for (const [name, reference] of Object.entries(COLOURS)) {
    const distance = reference.reduce((sum, channel, index) => sum + (channel - (colour[index] ?? 0)) ** 2, 0);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}
