/** A data URI taken apart. */
export interface DataUri {
  mime: string;
  bytes: Uint8Array;
}

/** Reads a base64 data URI; `undefined` for any other text, an empty payload included. */
export function readDataUri(text: string): DataUri | undefined {
  // By hand rather than by pattern: the text may be tens of megabytes.
  if (!/^data:/i.test(text)) return undefined;
  const comma = text.indexOf(',');
  const head = text.slice(5, comma);
  if (comma < 0 || !/;base64$/i.test(head)) return undefined;
  const bytes = readBase64(text.slice(comma + 1));
  return bytes && { mime: head.split(';')[0]?.toLowerCase() ?? '', bytes };
}

/** The bytes; `undefined` when the text is not base64. */
export function readBase64(text: string): Uint8Array | undefined {
  if (text.length === 0 || !/^[A-Za-z0-9+/_-]{1,64}/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  // Buffer skips what it cannot read, so a wrong character shows in the length. Line breaks are allowed.
  const expected = Math.floor((text.replace(/[=\s]/g, '').length * 3) / 4);
  return bytes.length === expected ? bytes : undefined;
}
