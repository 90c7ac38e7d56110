import { queryCharge } from '../charge.ts';
import { badRequest, CosmosError, SUBSTATUS } from '../errors.ts';
import { listBody, type Answer } from '../http/answer.ts';
import { header, isTrue, objectBody, type CosmosRequest } from '../http/request.ts';
import { DEFAULT_PAGE_ITEMS, DYNAMIC_PAGE_ITEMS } from '../limits.ts';
import { checkOrder } from '../query/indexing.ts';
import { planQuery, type QueryPlan } from '../query/plan.ts';
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
  const plan = planQuery(query, { parameters, userFunctions: userFunctions(container), clock: () => now });
  const partition = partitionRange(request, container);
  const named = partition !== undefined || header(request, 'x-ms-documentdb-partitionkeyrangeid') !== undefined;
  if (!named) requireServable(plan);
  const page = runQuery(container, plan, {
    partition,
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

/** What the plan of every query says: go to the one partition, add nothing. */
const QUERY_PLAN = JSON.stringify({
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

/**
 * The plan that clients ask for beside each query. Order, pages, aggregates and groups are done here, where Azure leaves
 * a part of them to the client.
 */
export function answerQueryPlan(request: CosmosRequest, container: Container): Answer {
  const { query, parameters } = parseParameters(objectBody(request));
  const plan = planQuery(query, { parameters, userFunctions: userFunctions(container), clock: Date.now });
  checkOrder(plan.order, indexingPolicy(container));
  return { status: 200, body: QUERY_PLAN };
}

/**
 * A query over several partitions with an order, groups or counts is not answered at the first asking: Azure wants the
 * client to follow the plan, which it does by naming a partition range. What the client then gives its caller differs
 * (no continuation token unless `enableQueryControl`), so it must differ here.
 * @throws CosmosError 400/1004
 */
function requireServable(plan: QueryPlan): void {
  if (plan.streaming && plan.order.length === 0 && plan.compiled.skip === 0 && plan.compiled.most === Infinity) return;
  throw new CosmosError(
    400,
    'The provided cross partition query can not be directly served by the gateway. This is a first chance (internal) ' +
      'exception that all newer clients will know how to handle gracefully.',
    SUBSTATUS.crossPartitionQueryNotServable,
    QUERY_PLAN,
  );
}
