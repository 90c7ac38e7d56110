import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { invalid, responseNotFound } from '../refusals.ts';
import { visible } from '../responses/include.ts';
import { includeOf } from '../runs/run.ts';
import type { Service } from '../service.ts';

/** `POST /responses/{id}/cancel`: only for background responses; a finished one is answered as it is. */
export function cancel({ responses, runs }: Service, { params, plan }: Call): Answer {
  const id = params[0] ?? '';
  const record = responses.get(id);
  if (!record) throw responseNotFound(id);
  if (!record.response.background) throw invalid('Cannot cancel a synchronous response.', null);
  const include = includeOf(record);
  if (plan.has('ignore_cancel')) return { body: { ...visible(record.response, include), status: 'cancelled' } };
  runs.cancel(id);
  return { body: visible(record.response, include) };
}
