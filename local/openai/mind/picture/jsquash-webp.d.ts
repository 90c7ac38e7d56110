/** The package's own types need the browser's `ImageData` and a global namespace; these are the parts that we use. */
declare module '@jsquash/webp/encode.js' {
  interface RgbaImage {
    data: Uint8ClampedArray;
    width: number;
    height: number;
  }
  export function init(options: { wasmBinary: Uint8Array }): Promise<void>;
  export default function encode(image: RgbaImage, options: { quality: number }): Promise<ArrayBuffer>;
}

declare module '@jsquash/webp/decode.js' {
  export function init(options: { wasmBinary: Uint8Array }): Promise<void>;
  export default function decode(
    buffer: ArrayBufferLike,
  ): Promise<{ data: Uint8ClampedArray; width: number; height: number }>;
}
