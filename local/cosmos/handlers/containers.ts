import { badRequest, CosmosError } from '../errors.ts';
import { isObject, property, type JsonObject } from '../json.ts';
import { json, type Answer } from '../http/answer.ts';
import { header, objectBody, type CosmosRequest } from '../http/request.ts';
import type { Catalog } from '../store/catalog.ts';
import type { Container } from '../store/container.ts';
import { withTag } from './databases.ts';
import { requirePartition, parsePartitionHeader } from '../documents/partition-key.ts';
import { answerList, isQuery } from './resource-list.ts';

/** `/dbs/{database}/colls` */
export function handleContainers(request: CosmosRequest, catalog: Catalog, database: string): Answer {
  if (request.method === 'GET' || isQuery(request)) {
    const { containers } = catalog.database(database);
    return answerList(
      request,
      'DocumentCollections',
      Array.from(containers.values(), ({ body }) => body),
    );
  }
  if (request.method !== 'POST') throw new CosmosError(405, `${request.method} is not possible on containers.`);
  const throughput = parseThroughput(request);
  const container = catalog.createContainer(database, objectBody(request));
  if (throughput) catalog.setOffer(container, { content: throughput });
  return withTag(201, container.body);
}

/** `/dbs/{database}/colls/{id}` */
export function handleContainer(request: CosmosRequest, catalog: Catalog, path: [string, string]): Answer {
  switch (request.method) {
    case 'GET':
      return withTag(200, catalog.container(...path).body);
    case 'PUT':
      return withTag(200, catalog.replaceContainer(...path, objectBody(request)));
    case 'DELETE':
      catalog.deleteContainer(...path);
      return { status: 204 };
    default:
      throw new CosmosError(405, `${request.method} is not possible on a container.`);
  }
}

function parseThroughput(request: CosmosRequest): JsonObject | undefined {
  const fixed = header(request, 'x-ms-offer-throughput');
  if (fixed !== undefined) {
    if (!/^\d+$/.test(fixed)) throw badRequest(`x-ms-offer-throughput is no number of request units: '${fixed}'.`);
    return { offerThroughput: Number(fixed) };
  }
  const automatic = header(request, 'x-ms-cosmos-offer-autopilot-settings');
  if (automatic === undefined) return undefined;
  const settings: unknown = JSON.parse(automatic);
  const most = isObject(settings) ? property(settings, 'maxThroughput') : undefined;
  if (!isObject(settings) || typeof most !== 'number') throw badRequest('The autoscale settings need a maxThroughput.');
  // The service starts an autoscale container at a tenth of its maximum.
  return { offerThroughput: most / 10, offerAutopilotSettings: settings };
}

/** `/offers`, `/offers/{id}`: throughput that is remembered and enforces nothing. */
export function handleOffers(request: CosmosRequest, catalog: Catalog, id: string | undefined): Answer {
  if (id === undefined) return answerList(request, 'Offers', catalog.offers);
  const container = catalog.offerOwner(id);
  if (request.method === 'PUT') return json(200, catalog.setOffer(container, objectBody(request)));
  if (request.method !== 'GET') throw new CosmosError(405, `${request.method} is not possible on throughput.`);
  return json(
    200,
    catalog.offers.find((offer) => property(offer, 'offerResourceId') === container.rid),
  );
}

/** `/pkranges`: a container is one physical partition. */
export function readPartitionRanges(container: Container): Answer {
  const range = {
    _rid: `${container.rid}-range`,
    id: '0',
    minInclusive: '',
    maxExclusive: 'FF',
    ridPrefix: 0,
    throughputFraction: 1,
    status: 'online',
    parents: [],
  };
  return json(200, { _rid: container.rid, PartitionKeyRanges: [range], _count: 1 }, { etag: '"1"' });
}

/** `/operations/partitionkeydelete`: done at once, where Azure does it in the background. */
export function deletePartition(request: CosmosRequest, container: Container): Answer {
  const range = parsePartitionHeader(container, header(request, 'x-ms-documentdb-partitionkey'));
  container.documents.deletePartition(requirePartition(range));
  return { status: 200, body: '{}' };
}
