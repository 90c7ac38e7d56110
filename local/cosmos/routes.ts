import { requireKey, type Principal } from './auth/authorize.ts';
import { CosmosError, notOffered } from './errors.ts';
import { readAccount } from './handlers/account.ts';
import { handleBatch } from './handlers/batch.ts';
import { readChangeFeed } from './handlers/change-feed.ts';
import {
  deletePartition,
  handleContainer,
  handleContainers,
  handleOffers,
  readPartitionRanges,
} from './handlers/containers.ts';
import { handleDatabase, handleDatabases } from './handlers/databases.ts';
import { handleItem, handleNewItem } from './handlers/documents.ts';
import { handleFunction, handleFunctions } from './handlers/functions.ts';
import { answerQueryPlan, handleQuery } from './handlers/queries.ts';
import { isQuery } from './handlers/resource-list.ts';
import type { Answer } from './http/answer.ts';
import { header, isTrue, type CosmosRequest } from './http/request.ts';
import type { Operation } from './operation.ts';
import { refusedResource, refuseHeaders } from './refusals.ts';
import type { Catalog } from './store/catalog.ts';
import type { Container } from './store/container.ts';
import type { Clock } from './store/document-table.ts';

/** What a request is, and what answers it. */
export interface Route {
  operation: Operation;
  /** Id of the container, where the request is about one. */
  container: string | undefined;
  run: () => Answer;
}

export interface RoutedRequest {
  request: CosmosRequest;
  principal: Principal;
  catalog: Catalog;
  clock: Clock;
}

/** @throws CosmosError 404, 405, 501 for paths that lead nowhere, 403 for what a token may not do */
export function findRoute(routed: RoutedRequest): Route {
  const { request, catalog } = routed;
  const [root, database, kind, container] = request.segments;
  if (root === undefined) return metadata(() => readAccount(request));
  if (root === 'offers') return manage(routed, 'throughput', () => handleOffers(request, catalog, database));
  if (root !== 'dbs') throw refusedResource(root) ?? notOffered(`The resource '${root}'`);
  if (database === undefined) return manage(routed, 'a database', () => handleDatabases(request, catalog));
  if (kind === undefined) return manage(routed, 'a database', () => handleDatabase(request, catalog, database));
  if (kind !== 'colls') throw refusedResource(kind) ?? notOffered(`The resource '${kind}' of a database`);
  if (container === undefined) {
    return manage(routed, 'a container', () => handleContainers(request, catalog, database));
  }
  if (request.segments.length === 4) {
    return manage(routed, 'a container', () => handleContainer(request, catalog, [database, container]), container);
  }
  return routeInContainer(routed, catalog.container(database, container));
}

const metadata = (run: () => Answer, container?: string): Route => ({ operation: 'metadata', container, run });

/** Reading descriptions is open to all; changing them takes the key. */
function manage({ request, principal }: RoutedRequest, subject: string, run: () => Answer, container?: string): Route {
  const reads = request.method === 'GET' || isQuery(request);
  if (!reads) requireKey(principal, `${request.method} of ${subject}`);
  return metadata(run, container);
}

function routeInContainer(routed: RoutedRequest, container: Container): Route {
  const { request, catalog } = routed;
  const [, , , , kind = '', id] = request.segments;
  switch (kind) {
    case 'docs':
      refuseHeaders(request.headers);
      return id === undefined ? routeItems(routed, container) : routeItem(request, container, id);
    case 'pkranges':
      return metadata(() => readPartitionRanges(container), container.id);
    case 'udfs':
      return manage(
        routed,
        'a user-defined function',
        () =>
          id === undefined
            ? handleFunctions(request, catalog, container)
            : handleFunction(request, catalog, container, id),
        container.id,
      );
    case 'operations':
      if (id !== 'partitionkeydelete') throw notOffered(`The operation '${id ?? ''}' on a container`);
      return { operation: 'delete-partition', container: container.id, run: () => deletePartition(request, container) };
    default:
      throw refusedResource(kind) ?? notOffered(`The resource '${kind}' of a container`);
  }
}

const ITEM_OPERATIONS: Readonly<Record<string, Operation>> = {
  GET: 'read',
  PUT: 'replace',
  PATCH: 'patch',
  DELETE: 'delete',
};

function routeItem(request: CosmosRequest, container: Container, id: string): Route {
  const operation = ITEM_OPERATIONS[request.method];
  if (!operation) throw new CosmosError(405, `${request.method} is not possible on an item.`);
  return { operation, container: container.id, run: () => handleItem(request, container, id) };
}

function routeItems({ request, catalog, clock }: RoutedRequest, container: Container): Route {
  const route = (operation: Operation, run: () => Answer): Route => ({ operation, container: container.id, run });
  if (request.method === 'GET') {
    return header(request, 'a-im') === undefined
      ? route('query', () => handleQuery(request, container, clock))
      : route('change-feed', () => readChangeFeed(request, container));
  }
  if (request.method !== 'POST') throw new CosmosError(405, `${request.method} is not possible on items.`);
  if (isTrue(request, 'x-ms-cosmos-is-query-plan-request')) {
    return route('plan', () => answerQueryPlan(request, container));
  }
  if (isQuery(request)) return route('query', () => handleQuery(request, container, clock));
  if (isTrue(request, 'x-ms-cosmos-is-batch-request')) {
    return route('batch', () => handleBatch(request, catalog, container));
  }
  const operation = isTrue(request, 'x-ms-documentdb-is-upsert') ? 'upsert' : 'create';
  return route(operation, () => handleNewItem(request, container));
}
