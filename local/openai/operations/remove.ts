import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { responseNotFound } from '../refusals.ts';
import type { Service } from '../service.ts';

/** `DELETE /responses/{id}`: a running one stops. Turns that continue it stay, but cannot be continued. */
export function remove({ responses, runs }: Service, { params }: Call): Answer {
  const id = params[0] ?? '';
  if (!responses.get(id)) throw responseNotFound(id);
  runs.abandon(id);
  responses.delete(id);
  return { body: { id, object: 'response', deleted: true } };
}
