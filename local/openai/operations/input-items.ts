import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { included, pageOf, paging } from '../http/query.ts';
import { responseNotFound } from '../refusals.ts';
import { checkInclude, visibleItem } from '../responses/include.ts';
import { itemsOf, turnsUpTo } from '../runs/context.ts';
import type { Service } from '../service.ts';

/** `GET /responses/{id}/input_items`: what the model saw, earlier turns included, newest first. */
export function listInputItems({ responses }: Service, { params, query }: Call): Answer {
  const id = params[0] ?? '';
  const record = responses.get(id);
  if (!record) throw responseNotFound(id);
  const asked = paging(query);
  const include = included(query);
  checkInclude(include);
  const { turns } = turnsUpTo(responses, record);
  const page = pageOf([...itemsOf(turns.slice(0, -1)), ...record.input], asked);
  const names = new Set(include);
  return { body: { ...page, data: page.data.map((item) => visibleItem(item, names)) } };
}
