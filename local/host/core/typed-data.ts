import type { TypedData } from './types.ts';

/** The value that typed data stands for, as outputs hand it over. Bytes stay bytes; a string is not parsed. */
export function fromTypedData(data: TypedData | null | undefined): unknown {
  if (!data) return undefined;
  if (data.json !== undefined) return JSON.parse(data.json);
  return data.string ?? data.bytes ?? data.int ?? data.double;
}

/** What a message or blob holds for an output value: text and bytes as they are, all else as JSON. */
export function toContent(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}
