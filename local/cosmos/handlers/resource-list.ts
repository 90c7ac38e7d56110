import type { JsonObject } from '../json.ts';
import { listBody, type Answer } from '../http/answer.ts';
import { header, objectBody, type CosmosRequest } from '../http/request.ts';
import { planQuery, rootScope } from '../query/plan.ts';
import { parseParameters } from './query-parameters.ts';

/** Whether the body is a query: databases, containers and throughput can be queried like items. */
export function isQuery(request: CosmosRequest): boolean {
  return (
    header(request, 'x-ms-documentdb-isquery')?.toLowerCase() === 'true' ||
    header(request, 'content-type')?.startsWith('application/query+json') === true
  );
}

/** All resources of a kind, or those that the request's query selects. There are few: no pages. */
export function answerList(request: CosmosRequest, name: string, resources: readonly JsonObject[]): Answer {
  const rows = isQuery(request) ? select(request, resources) : resources;
  return {
    status: 200,
    body: listBody(
      '',
      name,
      rows.map((row) => JSON.stringify(row)),
    ),
  };
}

function select(request: CosmosRequest, resources: readonly JsonObject[]) {
  const { query, parameters } = parseParameters(objectBody(request));
  const { compiled, rootName } = planQuery(query, { parameters, userFunctions: new Map(), clock: Date.now });
  return compiled.collect(resources.map((resource) => rootScope(rootName, () => resource)));
}
