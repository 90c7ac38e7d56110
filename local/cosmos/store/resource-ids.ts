/** `_rid` values: base64 of big-endian numbers, the parent's bytes first, with `-` for `/` as the service does. */
export function databaseRid(database: number): string {
  return encode([database]);
}

export function containerRid(database: number, container: number): string {
  return encode([database, container]);
}

export function documentRid(database: number, container: number, lsn: number): string {
  return encode([database, container, Math.floor(lsn / 2 ** 32), lsn % 2 ** 32]);
}

function encode(numbers: readonly number[]): string {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, i) => bytes.writeUInt32BE(number, i * 4));
  return bytes.toString('base64').replaceAll('/', '-');
}

/** A quoted entity tag that no other write of this file ever had. */
export function entityTag(container: number, lsn: number, seconds: number): string {
  const hex = (value: number, length: number): string => value.toString(16).padStart(length, '0').slice(-length);
  return `"${hex(lsn, 8)}-${hex(container, 4)}-0d00-0000-${hex(seconds, 8)}0000"`;
}
