import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { asPage, paging } from '../http/query.ts';
import { visible } from '../responses/include.ts';
import { includeOf } from '../runs/run.ts';
import type { Service } from '../service.ts';

/** `GET /responses`: the stored responses, newest first. */
export function list({ responses }: Service, { query }: Call): Answer {
  const { records, more } = responses.page(paging(query));
  const data = records.map((record) => visible(record.response, includeOf(record)));
  return { body: asPage(data, more) };
}
