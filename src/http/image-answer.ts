import type { HttpResponseInit } from '@azure/functions';
import type { StoredImage } from '../artifacts/get-image.ts';
import { GatewayError } from '../errors.ts';

/** Types that a browser may show; anything else is only ever downloaded. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/webp']);

/** The bytes of an image, all or the part that a `Range` asks for; 304 when the caller has them already. */
export async function imageAnswer(
  { reference, read }: StoredImage,
  asked: { get(name: string): string | null },
): Promise<HttpResponseInit> {
  const { bytes: size, contentType, sha256 } = reference;
  const etag = `"${sha256}"`;
  const headers: Record<string, string> = {
    etag,
    // What an id names never changes; only its owner may see it.
    'cache-control': 'private, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
  };
  if (names(asked.get('if-none-match'), etag)) return { status: 304, headers };
  headers['content-type'] = SHOWN.has(contentType) ? contentType : 'application/octet-stream';
  headers['content-disposition'] = SHOWN.has(contentType) ? 'inline' : 'attachment';
  const range = usable(asked.get('if-range'), etag) ? readRange(asked.get('range'), size) : undefined;
  if (range === 'outside') {
    const detail = { param: 'range', headers: { 'content-range': `bytes */${size}` } };
    throw new GatewayError('no_such_range', `The image has ${size} bytes: none of them is in this range.`, detail);
  }
  const bytes = await read();
  if (range === undefined) return { status: 200, headers, body: bytes };
  headers['content-range'] = `bytes ${range.from}-${range.to}/${size}`;
  return { status: 206, headers, body: bytes.subarray(range.from, range.to + 1) };
}

const names = (header: string | null, etag: string): boolean =>
  (header ?? '').split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);

/** A range of another version would be half of one image and half of another. */
const usable = (ifRange: string | null, etag: string): boolean => ifRange === null || ifRange === etag;

/** One range of bytes (RFC 9110, 14); several at once, and what is no range, are answered with everything. */
export function readRange(header: string | null, size: number): { from: number; to: number } | 'outside' | undefined {
  const match = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/.exec(header?.trim() ?? '');
  if (match === null) return undefined;
  const [, first, last, suffix] = match;
  if (suffix !== undefined) return within(Math.max(size - Number(suffix), 0), size - 1, size);
  const to = last === undefined || last === '' ? size - 1 : Number(last);
  return to < Number(first) && last !== '' ? undefined : within(Number(first), to, size);
}

function within(from: number, to: number, size: number): { from: number; to: number } | 'outside' {
  return from >= size ? 'outside' : { from, to: Math.min(to, size - 1) };
}
