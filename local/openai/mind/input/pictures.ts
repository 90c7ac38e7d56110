import { TurnError, type Turn } from '../../turn.ts';
import { stringOf, type Fields } from '../values.ts';
import { readDataUri } from './data-uri.ts';
import { download } from './download.ts';
import { readImageHeader, type ImageHeader } from './image-header.ts';

/** An input image that was really decoded as far as its header. */
export interface Picture extends ImageHeader {
  bytes: Uint8Array;
  detail: string;
}

const read = new WeakMap<Fields, Promise<Picture>>();

/**
 * Reads an `input_image` part. A URL is fetched once per item.
 * @throws TurnError 400 for a file id (Azure takes none), an address that does not answer, or what is no image.
 */
export function readPicture(part: Fields, turn: Pick<Turn, 'signal'>): Promise<Picture> {
  const known = read.get(part);
  if (known) return known;
  const reading = decode(part, turn);
  read.set(part, reading);
  reading.catch(() => read.delete(part));
  return reading;
}

async function decode(part: Fields, turn: Pick<Turn, 'signal'>): Promise<Picture> {
  const url = stringOf(part['image_url']);
  if (url === undefined) throw withoutUrl(part);
  const bytes = /^data:/i.test(url) ? readInline(url) : await download(url, 'image', turn.signal);
  if (bytes.byteLength === 0) throw refused('The image file is empty.', 'empty_image_file');
  const header = readImageHeader(bytes);
  if (!header || header.width === 0 || header.height === 0) {
    throw refused(
      "The image data you provided does not represent a valid image. Please check your input and try again with one of the supported image formats: ['image/jpeg', 'image/png', 'image/webp'].",
      'image_parse_error',
    );
  }
  return { ...header, bytes, detail: stringOf(part['detail']) ?? 'auto' };
}

function withoutUrl(part: Fields): TurnError {
  return part['file_id'] === undefined
    ? new TurnError(400, "Missing required parameter: 'image_url'.", {
        code: 'missing_required_parameter',
        param: 'input',
      })
    : new TurnError(
        400,
        'Input images by file_id are not supported. Send the image as a URL or as a base64 data URI in image_url.',
        {
          code: 'invalid_value',
          param: 'input',
        },
      );
}

function readInline(url: string): Uint8Array {
  const data = readDataUri(url);
  if (!data)
    throw refused(
      'Invalid base64 image: expected a data URI such as data:image/png;base64,...',
      'invalid_base64_image',
    );
  if (!/^image\//.test(data.mime))
    throw refused(`Unsupported media type ${data.mime} for an image.`, 'unsupported_image_media_type');
  return data.bytes;
}

function refused(message: string, code: string): TurnError {
  return new TurnError(400, message, { code, param: 'input' });
}
