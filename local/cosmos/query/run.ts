import { parseObject, type Value } from '../json.ts';
import { MAX_PAGE_BYTES } from '../limits.ts';
import { indexingPolicy } from '../store/catalog.ts';
import type { Container } from '../store/container.ts';
import type { PartitionRange, Scan } from '../store/scan.ts';
import { readContinuation, writeContinuation, type Resume } from './continuation.ts';
import type { Scope } from './evaluate.ts';
import { checkOrder } from './indexing.ts';
import { rootScope, type QueryPlan } from './plan.ts';

export interface QueryRequest {
  partition: PartitionRange | undefined;
  continuation: string | undefined;
  /** Most rows of the page. */
  pageItems: number;
}

export interface QueryPage {
  /** The rows as JSON. */
  rows: string[];
  /** Where the next page begins; undefined after the last row. A full page has one even if no row follows. */
  continuation: string | undefined;
  /** Documents looked at. */
  scanned: number;
}

/** Answers one page of a query over a container. @throws CosmosError 400 for an order or a token that does not fit */
export function runQuery(container: Container, plan: QueryPlan, request: QueryRequest): QueryPage {
  const order = checkOrder(plan.order, indexingPolicy(container));
  const resume =
    request.continuation === undefined
      ? undefined
      : readContinuation(request.continuation, { streaming: plan.streaming, keys: 2 * order.length });
  const scan: Scan = {
    partition: request.partition,
    order,
    after: resume?.kind === 'document' ? resume : undefined,
    containing: plan.containing,
  };
  return plan.streaming
    ? streamPage(container, plan, scan, { pageItems: request.pageItems, taken: takenBefore(resume) })
    : computePage(container, plan, scan, {
        pageItems: request.pageItems,
        index: resume?.kind === 'row' ? resume.index : 0,
      });
}

const takenBefore = (resume: Resume | undefined): number => (resume?.kind === 'document' ? resume.taken : 0);

/** Reads documents in order until the page is full. */
function streamPage(
  container: Container,
  plan: QueryPlan,
  scan: Scan,
  { pageItems, taken }: { pageItems: number; taken: number },
): QueryPage {
  const { compiled, rootName, wholeDocuments } = plan;
  const page = new Page(pageItems);
  const end = compiled.skip + compiled.most;
  let scanned = 0;
  let resume: Resume | undefined;
  if (taken >= end) return { rows: [], continuation: undefined, scanned };
  for (const { rid, body, keys } of container.documents.scan(scan)) {
    scanned++;
    for (const scope of compiled.expand(rootScope(rootName, () => parseObject(body)))) {
      const row = wholeDocuments ? body : rowText(compiled.project(scope));
      if (row === undefined) continue;
      if (taken >= compiled.skip && !page.add(row)) return page.close(resume, scanned);
      taken++;
      resume = { kind: 'document', rid, keys, taken };
    }
    if (taken >= end) return page.close(undefined, scanned);
    if (page.isFull) return page.close(resume, scanned);
  }
  return page.close(undefined, scanned);
}

const rowText = (row: Value): string | undefined => (row === undefined ? undefined : JSON.stringify(row));

/** Computes the whole result and cuts the page out of it. */
function computePage(
  container: Container,
  plan: QueryPlan,
  scan: Scan,
  { pageItems, index }: { pageItems: number; index: number },
): QueryPage {
  let scanned = 0;
  const { rootName, compiled } = plan;
  function* scopes(): Generator<Scope, void, undefined> {
    if (rootName === undefined) {
      yield {};
      return;
    }
    for (const { body } of container.documents.scan(scan)) {
      scanned++;
      yield rootScope(rootName, () => parseObject(body));
    }
  }
  const rows = compiled.collect(scopes());
  const page = new Page(pageItems);
  let next = index;
  while (next < rows.length && page.add(JSON.stringify(rows[next]))) next++;
  return page.close(next < rows.length ? { kind: 'row', index: next } : undefined, scanned);
}

/** Collects rows up to a number and a size; at least one row fits. */
class Page {
  readonly #rows: string[] = [];
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#rows.length >= this.#most;
  }

  /** False when the row belongs on the next page. */
  add(row: string): boolean {
    const bytes = Buffer.byteLength(row);
    if (this.isFull || (this.#rows.length > 0 && this.#bytes + bytes > MAX_PAGE_BYTES)) return false;
    this.#rows.push(row);
    this.#bytes += bytes;
    return true;
  }

  close(resume: Resume | undefined, scanned: number): QueryPage {
    return { rows: this.#rows, continuation: resume && writeContinuation(resume), scanned };
  }
}
