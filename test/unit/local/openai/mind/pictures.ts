import { encodePixels } from '../../../../../local/openai/mind/picture/codecs.ts';
import type { ImageMime } from '../../../../../local/openai/mind/input/image-header.ts';

/** A picture of one colour. */
export async function plainPicture(
  mime: ImageMime,
  size: { width: number; height: number },
  [red, green, blue, opacity = 255]: readonly number[],
): Promise<Uint8Array> {
  const data = new Uint8Array(size.width * size.height * 4);
  for (let at = 0; at < data.length; at += 4) data.set([red ?? 0, green ?? 0, blue ?? 0, opacity], at);
  return encodePixels({ ...size, data }, mime, 90);
}

export const dataUri = (mime: string, bytes: Uint8Array): string =>
  `data:${mime};base64,${Buffer.from(bytes).toString('base64')}`;

export const userMessage = (text: string, ...parts: Record<string, unknown>[]): Record<string, unknown> => ({
  role: 'user',
  content: [...parts, { type: 'input_text', text }],
});
