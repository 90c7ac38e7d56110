import { parseItemTtl, requireResourceId } from '../definition.ts';
import { alreadyExists, badRequest, CosmosError, itemNotFound, preconditionFailed } from '../errors.ts';
import { isObject, parseObject, property, type Json, type JsonObject, type Value } from '../json.ts';
import { MAX_ITEM_BYTES } from '../limits.ts';
import type { Container } from '../store/container.ts';
import { UniqueKeyViolation, type Head, type NewDocument, type StoredDocument } from '../store/document-table.ts';
import { partitionOf } from './partition-key.ts';
import { applyPatch, parsePatch } from './patch.ts';

/** `If-Match` and `If-None-Match`: quoted tags or `*`. */
export interface Conditions {
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
}

/** Where an operation on one item goes. */
export interface ItemTarget {
  container: Container;
  partition: string;
  id: string;
}

export interface ItemResult {
  status: 200 | 201 | 204 | 304;
  /** The document as it is now; also with 304, whose answer has no body but the tag. */
  document: StoredDocument | undefined;
}

/** @throws CosmosError 404 */
export function readItem({ container, partition, id }: ItemTarget, conditions: Conditions): ItemResult {
  const document = container.documents.read(partition, id);
  if (!document) throw itemNotFound();
  const unchanged = conditions.ifNoneMatch !== undefined && matches(conditions.ifNoneMatch, document.etag);
  return { status: unchanged ? 304 : 200, document };
}

/** @throws CosmosError 409 when the id is taken in its partition, also with a condition. */
export function createItem(container: Container, named: string | undefined, content: Value): ItemResult {
  const document = checkItem(container, named, content);
  if (container.documents.head(document.partition, document.id)) throw alreadyExists();
  return { status: 201, document: put(container, document, undefined) };
}

/** Conditions hold only where there is a document; a new one is created in any case, as in Azure. */
export function upsertItem(
  container: Container,
  named: string | undefined,
  content: Value,
  conditions: Conditions,
): ItemResult {
  const document = checkItem(container, named, content);
  const existing = container.documents.head(document.partition, document.id);
  if (existing) requireConditions(existing, conditions);
  return { status: existing ? 200 : 201, document: put(container, document, existing) };
}

/** @throws CosmosError 404, 412, 400 when the body names another id. */
export function replaceItem(target: ItemTarget, content: Value, conditions: Conditions): ItemResult {
  const { container, partition, id } = target;
  const document = checkItem(container, partition, content);
  if (document.id !== id) throw badRequest("The 'id' of the item and of the request's path differ.");
  const existing = container.documents.head(partition, id);
  if (!existing) throw itemNotFound();
  requireConditions(existing, conditions);
  return { status: 200, document: put(container, document, existing) };
}

/** @throws CosmosError 404, 412 */
export function deleteItem({ container, partition, id }: ItemTarget, conditions: Conditions): ItemResult {
  const existing = container.documents.head(partition, id);
  if (!existing) throw itemNotFound();
  requireConditions(existing, conditions);
  container.documents.delete(existing.rid);
  return { status: 204, document: undefined };
}

/** @throws CosmosError 404, 412 (tag or condition), 400 */
export function patchItem(target: ItemTarget, content: Value, conditions: Conditions): ItemResult {
  const { container, partition, id } = target;
  const patch = parsePatch(container, content);
  const existing = container.documents.head(partition, id);
  const stored = container.documents.read(partition, id);
  if (!existing || !stored) throw itemNotFound();
  requireConditions(existing, conditions);
  const patched = applyPatch(parseObject(stored.body), patch);
  return { status: 200, document: put(container, checkItem(container, partition, patched), existing) };
}

function requireConditions(existing: Head, { ifMatch, ifNoneMatch }: Conditions): void {
  if (ifMatch !== undefined && !matches(ifMatch, existing.etag)) throw preconditionFailed();
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, existing.etag)) throw preconditionFailed();
}

const matches = (condition: string, etag: string): boolean => condition === '*' || condition === etag;

/** Checks an item's id, size, ttl and partition. */
function checkItem(container: Container, named: string | undefined, content: Value): NewDocument {
  if (!isObject(content)) throw badRequest('The body of the request is no JSON object.');
  const id: Json | undefined = property(content, 'id');
  requireResourceId(id);
  const text = JSON.stringify(withoutSystemProperties(content));
  if (Buffer.byteLength(text) > MAX_ITEM_BYTES) {
    throw new CosmosError(413, `Request size is too large: an item may have ${MAX_ITEM_BYTES} bytes.`);
  }
  return { id, text, ttl: parseItemTtl(content), partition: partitionOf(container, content, named) };
}

/** The service sets these; what a caller sends for them is ignored. */
function withoutSystemProperties(content: JsonObject): JsonObject {
  const { _rid, _self, _etag, _attachments, _ts, _lsn, ...own } = content;
  return own;
}

function put(container: Container, document: NewDocument, existing: Head | undefined): StoredDocument {
  try {
    return container.documents.put(document, existing);
  } catch (error) {
    if (error instanceof UniqueKeyViolation) throw new CosmosError(409, error.message);
    throw error;
  }
}
