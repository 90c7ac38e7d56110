import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import type { ImageMime } from '../input/image-header.ts';

/** Four bytes a pixel: red, green, blue, opacity. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Decodes an image; `undefined` when its data is damaged. */
export async function decodePixels(bytes: Uint8Array, mime: ImageMime): Promise<Pixels | undefined> {
  try {
    return await DECODERS[mime](bytes);
  } catch {
    // Three libraries, three kinds of errors: all of them mean damaged data.
    return undefined;
  }
}

const DECODERS: Record<ImageMime, (bytes: Uint8Array) => Promise<Pixels>> = {
  'image/png': async (bytes) => {
    const { PNG } = await import('pngjs');
    const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
    return { width, height, data };
  },
  'image/jpeg': async (bytes) => {
    const { decode } = await import('jpeg-js');
    return decode(bytes, { useTArray: true, maxMemoryUsageInMB: 512 });
  },
  'image/webp': async (bytes) => {
    const { default: decode, init } = await import('@jsquash/webp/decode.js');
    await (webpDecoder ??= wasm('dec/webp_dec.wasm').then(init));
    const { width, height, data } = await decode(Uint8Array.from(bytes).buffer);
    return { width, height, data: new Uint8Array(data.buffer) };
  },
};

/** Encodes pixels. `quality` (0 to 100) counts for JPEG and WebP. */
export async function encodePixels(pixels: Pixels, mime: ImageMime, quality: number): Promise<Uint8Array> {
  switch (mime) {
    case 'image/png':
      return encodePng(pixels);
    case 'image/jpeg': {
      const { encode } = await import('jpeg-js');
      return encode({ width: pixels.width, height: pixels.height, data: Buffer.from(pixels.data) }, quality).data;
    }
    case 'image/webp':
      return encodeWebp(pixels, quality);
  }
}

export async function encodePng({ width, height, data }: Pixels): Promise<Uint8Array> {
  const { PNG } = await import('pngjs');
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  // Flat areas compress well at the fastest level, if only runs longer than a byte may be found (strategy 0).
  return PNG.sync.write(png, { deflateLevel: 1, deflateStrategy: 0, filterType: 0 });
}

let webpDecoder: Promise<void> | undefined;
let webpEncoder: Promise<void> | undefined;

async function encodeWebp({ width, height, data }: Pixels, quality: number): Promise<Uint8Array> {
  const { default: encode, init } = await import('@jsquash/webp/encode.js');
  await (webpEncoder ??= wasm('enc/webp_enc_simd.wasm').then(init));
  return new Uint8Array(await encode({ width, height, data: new Uint8ClampedArray(data) }, { quality }));
}

/** The library would fetch its wasm, which Node does not do for files: it gets the bytes. */
async function wasm(name: string): Promise<{ wasmBinary: Uint8Array }> {
  return { wasmBinary: await readFile(createRequire(import.meta.url).resolve(`@jsquash/webp/codec/${name}`)) };
}
