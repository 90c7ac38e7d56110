import { readCharge, writeCharge } from '../charge.ts';
import { parsePartitionHeader, requirePartition } from '../documents/partition-key.ts';
import {
  createItem,
  deleteItem,
  patchItem,
  readItem,
  replaceItem,
  upsertItem,
  type ItemResult,
} from '../documents/operations.ts';
import { badRequest, CosmosError } from '../errors.ts';
import { isObject, property, type Json, type JsonObject } from '../json.ts';
import type { Answer } from '../http/answer.ts';
import { header, isTrue, jsonBody, type CosmosRequest } from '../http/request.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_OPERATIONS } from '../limits.ts';
import type { Catalog } from '../store/catalog.ts';
import type { Container } from '../store/container.ts';
import { sessionHeaders } from './documents.ts';

/** One operation's part of the answer, as JSON. */
interface Outcome {
  status: number;
  text: string;
}

/** `POST /docs` with `x-ms-cosmos-is-batch-request`: a transaction in one partition, or a bulk of single operations. */
export function handleBatch(request: CosmosRequest, catalog: Catalog, container: Container): Answer {
  const operations = parseOperations(request);
  const range = parsePartitionHeader(container, header(request, 'x-ms-documentdb-partitionkey'));
  const minimal = header(request, 'prefer') === 'return=minimal';
  const outcomes = isTrue(request, 'x-ms-cosmos-batch-atomic')
    ? runTransaction(catalog, container, operations, { partition: requirePartition(range), minimal })
    : catalog.atomically(container, () => operations.map((operation) => runSafely(container, operation, { minimal })));
  return {
    status: outcomes.some(({ status }) => status >= 400) ? 207 : 200,
    body: `[${outcomes.map(({ text }) => text).join(',')}]`,
    headers: sessionHeaders(container),
    charge: outcomes.length * writeCharge(undefined),
  };
}

function parseOperations(request: CosmosRequest): JsonObject[] {
  if (Buffer.byteLength(request.text) > MAX_BATCH_BYTES) {
    throw new CosmosError(413, `Request size is too large: a batch may have ${MAX_BATCH_BYTES} bytes.`);
  }
  const operations = jsonBody(request);
  if (!Array.isArray(operations) || operations.length === 0 || !operations.every(isObject)) {
    throw badRequest('A batch is a list of operations, at least one.');
  }
  if (operations.length > MAX_BATCH_OPERATIONS) {
    throw badRequest(`Batch request has more operations than what is supported (${MAX_BATCH_OPERATIONS}).`);
  }
  return operations;
}

interface Options {
  /** The partition of a transaction; a bulk names one for each operation. */
  partition?: string;
  /** `Prefer: return=minimal`: no documents in the answer. */
  minimal: boolean;
}

/** Ends a transaction from inside, so that it is rolled back; the outcomes stand already. */
class RolledBack extends Error {}

function runTransaction(
  catalog: Catalog,
  container: Container,
  operations: readonly JsonObject[],
  options: Options,
): Outcome[] {
  const outcomes: Outcome[] = [];
  try {
    catalog.atomically(container, () => {
      for (const operation of operations) {
        const outcome = runSafely(container, operation, options);
        outcomes.push(outcome);
        if (outcome.status >= 400) throw new RolledBack();
      }
    });
    return outcomes;
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
    const failed = outcomes.length - 1;
    return operations.map((_operation, i) => (i === failed && outcomes[i]) || failedDependency);
  }
}

const failedDependency: Outcome = { status: 424, text: '{"statusCode":424,"requestCharge":0}' };

function runSafely(container: Container, operation: JsonObject, options: Options): Outcome {
  try {
    const partition = options.partition ?? ownPartition(container, operation);
    return describe(runOperation(container, operation, partition), options.minimal);
  } catch (error) {
    if (!(error instanceof CosmosError)) throw error;
    const { status, message, substatus } = error;
    const text = JSON.stringify({ statusCode: status, subStatusCode: substatus, requestCharge: 1, message });
    return { status, text };
  }
}

/** In a bulk the partition is a JSON text in the operation. */
function ownPartition(container: Container, operation: JsonObject): string {
  const key = property(operation, 'partitionKey');
  return requirePartition(parsePartitionHeader(container, typeof key === 'string' ? key : JSON.stringify(key)));
}

function runOperation(container: Container, operation: JsonObject, partition: string): ItemResult {
  const content = property(operation, 'resourceBody');
  const conditions = { ifMatch: textOf(operation, 'ifMatch'), ifNoneMatch: textOf(operation, 'ifNoneMatch') };
  const target = () => ({ container, partition, id: textOf(operation, 'id') ?? idOf(content) });
  const kind = property(operation, 'operationType');
  switch (kind) {
    case 'Create':
      return createItem(container, partition, content);
    case 'Upsert':
      return upsertItem(container, partition, content, conditions);
    case 'Read':
      return readItem(target(), conditions);
    case 'Replace':
      return replaceItem(target(), content, conditions);
    case 'Patch':
      return patchItem(target(), content, conditions);
    case 'Delete':
      return deleteItem(target(), conditions);
    default:
      throw badRequest(`A batch has no operation '${JSON.stringify(kind)}'.`);
  }
}

function textOf(operation: JsonObject, name: string): string | undefined {
  const value = property(operation, name);
  return typeof value === 'string' ? value : undefined;
}

function idOf(content: Json | undefined): string {
  const id = isObject(content) ? property(content, 'id') : undefined;
  if (typeof id !== 'string') throw badRequest("The operation needs an 'id'.");
  return id;
}

function describe({ status, document }: ItemResult, minimal: boolean): Outcome {
  const wrote = status === 201 || status === 204;
  const charge = wrote ? writeCharge(document?.body) : readCharge(document?.body);
  const parts = [`"statusCode":${status}`, `"requestCharge":${charge.toFixed(2)}`];
  if (document) parts.push(`"eTag":${JSON.stringify(document.etag)}`);
  if (document && status !== 304 && !minimal) parts.push(`"resourceBody":${document.body}`);
  return { status, text: `{${parts.join(',')}}` };
}
