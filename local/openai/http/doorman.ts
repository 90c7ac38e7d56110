import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { asRefusal } from '../refusals.ts';
import { control } from '../scenarios/door.ts';
import type { Service } from '../service.ts';
import { asAnswer, commonHeaders, send, type Answer } from './answer.ts';
import { parseJson, readBody } from './body.ts';
import { serve, type Arrival } from './serve.ts';

const CONTROL = '/_control/';

/** Takes every request to the operation it means, and its answer or refusal back. */
export function createDoorman(service: Service, gate: (headers: IncomingHttpHeaders) => Promise<void> | void) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = request.url ?? '/';
    const cut = url.indexOf('?');
    const arrival: Arrival = {
      request,
      response,
      method: request.method ?? 'GET',
      path: cut === -1 ? url : url.slice(0, cut),
      query: new URLSearchParams(cut === -1 ? '' : url.slice(cut + 1)),
      startedAt: performance.now(),
      requestId: randomUUID(),
    };
    try {
      const answer = await outcomeOf(service, gate, arrival);
      if (answer) reply(arrival, answer);
    } catch (error) {
      reply(arrival, asAnswer(asRefusal(error)));
    }
  };
}

async function outcomeOf(
  service: Service,
  gate: (headers: IncomingHttpHeaders) => Promise<void> | void,
  arrival: Arrival,
): Promise<Answer | undefined> {
  const { request, method, path, query } = arrival;
  if (path.startsWith(CONTROL)) {
    const body = parseJson(await readBody(request));
    return control(service, { method, path: path.slice(CONTROL.length), query, body });
  }
  await gate(request.headers);
  return serve(service, arrival);
}

/** Sends the answer, unless one has begun or nobody listens any more. */
function reply(arrival: Arrival, answer: Answer): void {
  const { response } = arrival;
  if (response.headersSent || response.destroyed) response.destroy();
  else send(response, answer, commonHeaders(arrival));
}
