import { readCharge, writeCharge } from '../charge.ts';
import { parsePartitionHeader, requirePartition } from '../documents/partition-key.ts';
import {
  createItem,
  deleteItem,
  patchItem,
  readItem,
  replaceItem,
  upsertItem,
  type Conditions,
  type ItemResult,
} from '../documents/operations.ts';
import { CosmosError } from '../errors.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Answer } from '../http/answer.ts';
import { header, isTrue, jsonBody, objectBody, type CosmosRequest } from '../http/request.ts';
import type { Container } from '../store/container.ts';

/** `/docs/{id}` */
export function handleItem(request: CosmosRequest, container: Container, id: string): Answer {
  const target = { container, partition: requirePartition(partitionRange(request, container)), id };
  const conditions = readConditions(request);
  switch (request.method) {
    case 'GET':
      return answerItem(container, readItem(target, conditions), readCharge);
    case 'PUT':
      return answerItem(container, replaceItem(target, objectBody(request), conditions), writeCharge);
    case 'PATCH':
      return answerItem(container, patchItem(target, patchBody(request), conditions), writeCharge);
    case 'DELETE':
      return answerItem(container, deleteItem(target, conditions), writeCharge);
    default:
      throw new CosmosError(405, `${request.method} is not possible on an item.`);
  }
}

/** `POST /docs` without a query: create or upsert. */
export function handleNewItem(request: CosmosRequest, container: Container): Answer {
  const range = partitionRange(request, container);
  const named = range && requirePartition(range);
  const content = objectBody(request);
  const result = isTrue(request, 'x-ms-documentdb-is-upsert')
    ? upsertItem(container, named, content, readConditions(request))
    : createItem(container, named, content);
  return answerItem(container, result, writeCharge);
}

export function partitionRange(request: CosmosRequest, container: Container) {
  return parsePartitionHeader(container, header(request, 'x-ms-documentdb-partitionkey'));
}

const readConditions = (request: CosmosRequest): Conditions => ({
  ifMatch: header(request, 'if-match'),
  ifNoneMatch: header(request, 'if-none-match'),
});

function patchBody(request: CosmosRequest): JsonObject | Json[] {
  const body = jsonBody(request);
  return Array.isArray(body) || isObject(body) ? body : {};
}

function answerItem(
  container: Container,
  { status, document }: ItemResult,
  charge: (body: string | undefined) => number,
): Answer {
  return {
    status,
    body: document?.body,
    headers: { ...sessionHeaders(container), etag: document?.etag },
    charge: charge(document?.body),
  };
}

/** How far the container's log is: one physical partition, one region. */
export function sessionHeaders(container: Container): Record<string, string> {
  const lsn = container.documents.lsn;
  return { 'x-ms-session-token': `0:-1#${lsn}`, lsn: String(lsn) };
}
