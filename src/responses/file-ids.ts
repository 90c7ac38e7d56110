import { isObject, type JsonObject } from '../upstream/wire.ts';

/** A request with more files than this is no honest one; a record has room for so many. */
const FILE_IDS_LIMIT = 200;

/** The uploaded files that a request refers to: in its content, its code interpreter, its image mask. Undefined for none. */
export function fileIdsIn(body: JsonObject): string[] | undefined {
  const found = new Set<string>();
  collect(body.input, found);
  collect(body.tools, found);
  return found.size === 0 ? undefined : [...found].slice(0, FILE_IDS_LIMIT);
}

/** The depth of a request is limited when it is read. */
function collect(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) {
    const entries: unknown[] = value;
    for (const entry of entries) collect(entry, found);
    return;
  }
  if (!isObject(value)) return;
  if (typeof value.file_id === 'string') found.add(value.file_id);
  if (Array.isArray(value.file_ids)) {
    const ids: unknown[] = value.file_ids;
    for (const id of ids) if (typeof id === 'string') found.add(id);
  }
  for (const inner of Object.values(value)) if (typeof inner === 'object') collect(inner, found);
}
