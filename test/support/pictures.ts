import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { listen, type RunningServer } from '../../local/kit/server.ts';

type Colour = readonly [red: number, green: number, blue: number];

/** A PNG of one colour. `noise` makes it as large as its pixels: nothing of it can be compressed. */
export function pngOf(width: number, height: number, [red, green, blue]: Colour, noise = false): Buffer {
  const picture = new PNG({ width, height });
  let seed = 1;
  for (let at = 0; at < picture.data.length; at += 4) {
    seed = (seed * 48_271) % 2_147_483_647;
    picture.data.set(noise ? [seed & 255, (seed >> 8) & 255, (seed >> 16) & 255, 255] : [red, green, blue, 255], at);
  }
  return PNG.sync.write(picture, noise ? { deflateLevel: 0 } : {});
}

export function jpegOf(width: number, height: number, [red, green, blue]: Colour): Buffer {
  const data = Buffer.alloc(width * height * 4);
  for (let at = 0; at < data.length; at += 4) data.set([red, green, blue, 255], at);
  return encode({ width, height, data }, 90).data;
}

export const dataUri = (bytes: Buffer, type: string): string => `data:${type};base64,${bytes.toString('base64')}`;

/** A web server with one picture. */
export function servePicture(bytes: Buffer, type: string): Promise<RunningServer> {
  return listen((_request, response) => {
    response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
    return Promise.resolve();
  });
}
