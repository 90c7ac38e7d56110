import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { newStem } from '../ids.ts';
import { normaliseInput } from '../requests/input.ts';
import { countSchema } from '../requests/schema.ts';
import { understand } from '../requests/understand.ts';
import { chainOf, itemsOf, resolveInput } from '../runs/context.ts';
import { readFile } from '../runs/turn.ts';
import type { Service } from '../service.ts';
import { countInputTokens } from '../tokens.ts';

/** `POST /responses/input_tokens`: what the request would cost as input. */
export async function countTokens(service: Service, call: Call): Promise<Answer> {
  const { responses, seals, clock } = service;
  const request = understand(countSchema, call.body);
  const parent = request.previous_response_id;
  const earlier = parent == null ? [] : itemsOf(chainOf(responses, parent));
  const input = resolveInput(responses, seals, normaliseInput(request.input, newStem(), clock.now()));
  const input_tokens = await countInputTokens({
    request,
    context: [...earlier, ...input],
    readFile: (fileId) => Promise.resolve().then(() => readFile(service, fileId)),
    signal: call.signal,
  });
  return { body: { object: 'response.input_tokens', input_tokens } };
}
