import type { Picture } from '../input/pictures.ts';
import { dominantColour } from '../picture/colours.ts';
import { decodePixels } from '../picture/codecs.ts';

/** Images with more pixels than this are described by their header alone. */
const MAX_DECODED_PIXELS = 4_000_000;

/** Format, size and main colour of each image: what can be seen without eyes. */
export async function describePictures(_prompt: string, pictures: readonly Picture[]): Promise<string> {
  const sentences = [];
  for (const [index, picture] of pictures.entries()) {
    const which = pictures.length === 1 ? 'The image' : `Image ${index + 1}`;
    sentences.push(
      `${which} is a ${NAMES[picture.mime]} of ${picture.width} x ${picture.height} pixels${await colourOf(picture)}.`,
    );
  }
  return sentences.join(' ');
}

const NAMES = { 'image/png': 'PNG', 'image/jpeg': 'JPEG', 'image/webp': 'WebP' } as const;

async function colourOf(picture: Picture): Promise<string> {
  if (picture.width * picture.height > MAX_DECODED_PIXELS) return '';
  const pixels = await decodePixels(picture.bytes, picture.mime);
  return pixels ? `, mostly ${dominantColour(pixels)}` : ', though its pixels cannot be decoded';
}
