import { inSeconds } from '../clock.ts';
import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { newId, newStem } from '../ids.ts';
import { missingParameter, serverError } from '../refusals.ts';
import { normaliseInput } from '../requests/input.ts';
import { deploymentFor } from '../requests/rules.ts';
import { compactSchema } from '../requests/schema.ts';
import { understand } from '../requests/understand.ts';
import { newResponse } from '../responses/object.ts';
import { chainOf, itemsOf, resolveInput } from '../runs/context.ts';
import { turnFor } from '../runs/turn.ts';
import type { Service } from '../service.ts';
import { COMPACTION_TRIGGER, type Item } from '../turn.ts';

/** `POST /responses/compact`: a window to send as the next input: the user's messages and one compaction item. */
export async function compact(service: Service, call: Call): Promise<Answer> {
  const request = understand(compactSchema, call.body);
  const deployment = deploymentFor(request.model);
  if (request.input == null && request.previous_response_id == null) throw missingParameter('input');
  const { responses, seals, clock, journal, think } = service;
  const now = clock.now();
  const stem = newStem();
  const earlier = request.previous_response_id == null ? [] : itemsOf(chainOf(responses, request.previous_response_id));
  const input = resolveInput(responses, seals, normaliseInput(request.input, stem, now));
  const context = [...earlier, ...input];
  const trigger: Item = { type: COMPACTION_TRIGGER, id: newId('cmpt', stem, now) };

  const response = newResponse(newId('resp', stem, now), request, deployment, now);
  const record = { createdAt: now, response, input, request: { ...request } };
  journal.ran(call.entry);
  const steps = think(turnFor(service, record, [...context, trigger], call.signal));
  const made: Item[] = [];
  let step = await steps.next();
  for (; !step.done; step = await steps.next()) made.push(step.value);
  const item = made.find(({ type }) => type === 'compaction');
  if (!item) throw serverError();
  return {
    body: {
      id: response.id,
      object: 'response.compaction',
      created_at: inSeconds(now),
      output: [...context.filter(isUserMessage), item],
      usage: step.value.usage,
    },
  };
}

const isUserMessage = (item: Item): boolean => item.type === 'message' && item.role === 'user';
