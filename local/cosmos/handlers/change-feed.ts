import { badRequest, notOffered } from '../errors.ts';
import { queryCharge } from '../charge.ts';
import { requirePartition } from '../documents/partition-key.ts';
import { listBody, type Answer } from '../http/answer.ts';
import { header, type CosmosRequest } from '../http/request.ts';
import { MAX_PAGE_BYTES } from '../limits.ts';
import type { Container } from '../store/container.ts';
import { partitionRange, sessionHeaders } from './documents.ts';
import { pageItems } from './queries.ts';

/** `GET /docs` with `A-IM`: the last version of each document that was written after a position. */
export function readChangeFeed(request: CosmosRequest, container: Container): Answer {
  refuseOtherFeeds(request);
  const range = partitionRange(request, container);
  if (range?.prefix) throw notOffered('The change feed of a prefix of a hierarchical partition key');
  const position = startingPosition(request, container);
  const since = modifiedSince(request);
  const most = pageItems(request);
  const rows: string[] = [];
  let bytes = 0;
  let last = position;
  for (const { lsn, body } of container.documents.changes(position, since, range && requirePartition(range))) {
    bytes += body.length;
    if (rows.length > 0 && (rows.length >= most || bytes > MAX_PAGE_BYTES)) break;
    rows.push(`${body.slice(0, -1)},"_lsn":${lsn}}`);
    last = lsn;
  }
  const headers = { ...sessionHeaders(container), 'x-ms-item-count': String(rows.length) };
  if (rows.length === 0) {
    // Nothing new: the next question may begin where the log ends now.
    return { status: 304, headers: { ...headers, etag: `"${Math.max(position, container.documents.lsn)}"` } };
  }
  const body = listBody(container.rid, 'Documents', rows);
  return { status: 200, body, headers: { ...headers, etag: `"${last}"` }, charge: queryCharge(rows.length, bytes) };
}

function refuseOtherFeeds(request: CosmosRequest): void {
  const mode = header(request, 'a-im');
  if (mode !== 'Incremental Feed' && mode !== 'Incremental feed')
    throw notOffered(`The change feed mode '${mode ?? ''}'`);
  const [from, to] = [header(request, 'x-ms-start-epk'), header(request, 'x-ms-end-epk')];
  if ((from ?? '') !== '' || (to ?? 'FF') !== 'FF') throw notOffered('The change feed of a part of the key range');
}

function startingPosition(request: CosmosRequest, container: Container): number {
  const tag = header(request, 'if-none-match');
  if (tag === undefined) return 0;
  if (tag === '*') return container.documents.lsn;
  const position = Number(tag.replaceAll('"', ''));
  if (!Number.isInteger(position)) throw badRequest(`The change feed has no position '${tag}'.`);
  return position;
}

/** Seconds since 1970: `If-Modified-Since` starts the feed at a time. */
function modifiedSince(request: CosmosRequest): number {
  const text = header(request, 'if-modified-since');
  if (text === undefined) return 0;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw badRequest(`If-Modified-Since is no date: '${text}'.`);
  return Math.floor(ms / 1000);
}
