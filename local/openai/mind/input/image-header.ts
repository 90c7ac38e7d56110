export type ImageMime = 'image/png' | 'image/jpeg' | 'image/webp';

/** What the first bytes of an image tell. */
export interface ImageHeader {
  mime: ImageMime;
  width: number;
  height: number;
}

/** Reads format and size (in pixels) from the bytes; `undefined` for anything but PNG, JPEG and WebP. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return png(view) ?? webp(view) ?? jpeg(view);
  } catch (error) {
    // A header that ends too early is no image.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function png(view: Buffer): ImageHeader | undefined {
  if (view.readUInt32BE(0) !== 0x89504e47) return undefined;
  return { mime: 'image/png', width: view.readUInt32BE(16), height: view.readUInt32BE(20) };
}

function webp(view: Buffer): ImageHeader | undefined {
  if (view.toString('latin1', 0, 4) !== 'RIFF' || view.toString('latin1', 8, 12) !== 'WEBP') return undefined;
  const size = (width: number, height: number): ImageHeader => ({ mime: 'image/webp', width, height });
  switch (view.toString('latin1', 12, 16)) {
    case 'VP8X':
      return size(view.readUIntLE(24, 3) + 1, view.readUIntLE(27, 3) + 1);
    case 'VP8L': {
      const bits = view.readUInt32LE(21);
      return size((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1);
    }
    case 'VP8 ':
      return size(view.readUInt16LE(26) & 0x3fff, view.readUInt16LE(28) & 0x3fff);
    default:
      return undefined;
  }
}

/** Walks the segments up to the first frame header (SOF). */
function jpeg(view: Buffer): ImageHeader | undefined {
  if (view.readUInt16BE(0) !== 0xffd8) return undefined;
  let at = 2;
  for (;;) {
    if (view.readUInt8(at) !== 0xff) return undefined;
    const marker = view.readUInt8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { mime: 'image/jpeg', height: view.readUInt16BE(at + 5), width: view.readUInt16BE(at + 7) };
    at += 2 + view.readUInt16BE(at + 2);
  }
}
