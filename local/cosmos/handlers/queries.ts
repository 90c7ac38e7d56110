import { queryCharge } from '../charge.ts';
import { badRequest } from '../errors.ts';
import { json, listBody, type Answer } from '../http/answer.ts';
import { header, isTrue, objectBody, type CosmosRequest } from '../http/request.ts';
import { DEFAULT_PAGE_ITEMS, DYNAMIC_PAGE_ITEMS } from '../limits.ts';
import { checkOrder } from '../query/indexing.ts';
import { planQuery } from '../query/plan.ts';
import { runQuery } from '../query/run.ts';
import { userFunctions } from '../query/user-functions.ts';
import { indexingPolicy } from '../store/catalog.ts';
import type { Container } from '../store/container.ts';
import type { Clock } from '../store/document-table.ts';
import { partitionRange, sessionHeaders } from './documents.ts';
import { parseParameters } from './query-parameters.ts';
import { isQuery } from './resource-list.ts';

/** `POST /docs` with a query, and `GET /docs`, which is the query for everything. */
export function handleQuery(request: CosmosRequest, container: Container, clock: Clock): Answer {
  const { query, parameters } = isQuery(request)
    ? parseParameters(objectBody(request))
    : { query: 'SELECT * FROM c', parameters: new Map<string, never>() };
  const now = clock();
  const page = runQuery(container, {
    text: query,
    context: { parameters, userFunctions: userFunctions(container), clock: () => now },
    partition: partitionRange(request, container),
    continuation: header(request, 'x-ms-continuation'),
    pageItems: pageItems(request),
  });
  const body = listBody(container.rid, 'Documents', page.rows);
  return {
    status: 200,
    body,
    headers: {
      ...sessionHeaders(container),
      'x-ms-item-count': String(page.rows.length),
      'x-ms-continuation': page.continuation,
      'x-ms-documentdb-query-metrics': isTrue(request, 'x-ms-documentdb-populatequerymetrics')
        ? `retrievedDocumentCount=${page.scanned};outputDocumentCount=${page.rows.length}`
        : undefined,
    },
    charge: queryCharge(page.scanned, body.length),
  };
}

/** @throws CosmosError 400 when the header is no number. */
export function pageItems(request: CosmosRequest): number {
  const text = header(request, 'x-ms-max-item-count');
  if (text === undefined) return DEFAULT_PAGE_ITEMS;
  const count = Number(text);
  if (!Number.isInteger(count) || count < -1) throw badRequest(`x-ms-max-item-count is no number of items: '${text}'.`);
  return count > 0 ? count : DYNAMIC_PAGE_ITEMS;
}

/**
 * The plan that clients ask for beside each query. It tells them to add nothing: order, pages, aggregates and groups
 * are done here, where Azure leaves a part of them to the client.
 */
export function answerQueryPlan(request: CosmosRequest, container: Container): Answer {
  const { query, parameters } = parseParameters(objectBody(request));
  const plan = planQuery(query, { parameters, userFunctions: userFunctions(container), clock: Date.now });
  checkOrder(plan.order, indexingPolicy(container));
  return json(200, {
    partitionedQueryExecutionInfoVersion: 2,
    queryInfo: {
      distinctType: 'None',
      groupByExpressions: [],
      groupByAliases: [],
      groupByAliasToAggregateType: {},
      aggregates: [],
      orderBy: [],
      orderByExpressions: [],
      rewrittenQuery: '',
      hasSelectValue: false,
      hasNonStreamingOrderBy: false,
    },
    queryRanges: [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }],
  });
}
