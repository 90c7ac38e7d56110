import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { newFileId } from '../ids.ts';
import { routeFor, type Route } from '../operations/routes.ts';
import { asRefusal, notSimulated } from '../refusals.ts';
import { control } from '../scenarios/door.ts';
import type { Entry } from '../scenarios/journal.ts';
import type { Plan } from '../scenarios/plan.ts';
import { RESET, strike } from '../scenarios/strike.ts';
import type { Service } from '../service.ts';
import { asAnswer, commonHeaders, RATE_LIMIT_HEADERS, send, type Answer } from './answer.ts';
import { parseJson, readBody } from './body.ts';
import { STREAMED, type Call } from './call.ts';
import { stepsOf } from './path.ts';
import { readUpload, type Upload } from './upload.ts';

const CONTROL = '/_control/';

interface Arrival {
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  startedAt: number;
}

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
    };
    try {
      if (arrival.path.startsWith(CONTROL)) return answer(arrival, await controlled(service, arrival));
      await gate(request.headers);
      await serve(service, arrival);
    } catch (error) {
      answer(arrival, asAnswer(asRefusal(error)));
    }
  };
}

/** Sends the answer, unless one has begun or nobody listens any more. */
function answer({ response, startedAt }: Arrival, what: Answer): void {
  if (response.headersSent || response.destroyed) response.destroy();
  else send(response, what, { ...commonHeaders(startedAt), ...RATE_LIMIT_HEADERS });
}

async function controlled(service: Service, { request, method, path, query }: Arrival): Promise<Answer> {
  return control(service, {
    method,
    path: path.slice(CONTROL.length),
    query,
    body: parseJson(await readBody(request)),
  });
}

async function serve(service: Service, arrival: Arrival): Promise<void> {
  const { request, method, path, query } = arrival;
  if (request.headers.upgrade !== undefined) throw notSimulated('the WebSocket mode');
  const { route, params } = routeFor(method, stepsOf(path, query));
  const upload = takesUpload(route, request) ? await readUpload(request, service.parts, newFileId()) : undefined;
  const body = upload ? outlineOf(upload) : await readBody(request);
  const entry = service.journal.open({
    at: service.clock.now(),
    operation: route.operation,
    method,
    path: request.url ?? path,
    headers: request.headers,
    body,
    responseId: path.includes('/responses/') ? params[0] : undefined,
  });
  const plan = service.book.take({
    operation: route.operation,
    responseId: entry.responseId,
    contains: (text) => entry.path.includes(text) || body.includes(text) || originOf(service, params[0]).includes(text),
  });
  try {
    const outcome = await perform(service, arrival, { route, params, entry, plan, upload, body });
    if (outcome === RESET) return void arrival.response.socket?.resetAndDestroy();
    if (outcome === STREAMED) return service.journal.close(entry, entry.status);
    service.journal.close(entry, outcome.status ?? 200);
    if (plan.has('lose_answer')) arrival.response.socket?.resetAndDestroy();
    else answer(arrival, outcome);
  } catch (error) {
    const refusal = asRefusal(error);
    if (upload) service.parts.delete(upload.owner);
    service.journal.close(entry, refusal.status);
    throw refusal;
  }
}

interface Asked {
  route: Route;
  params: readonly string[];
  entry: Entry;
  plan: Plan;
  upload: Upload | undefined;
  body: Buffer;
}

async function perform(
  service: Service,
  arrival: Arrival,
  asked: Asked,
): Promise<Answer | typeof STREAMED | typeof RESET> {
  const { response, method, path, query, request } = arrival;
  const { route, params, entry, plan, upload, body } = asked;
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  const { signal } = controller;
  const struck = await strike(plan, { method, path, signal });
  if (struck) return struck;
  const call: Call = {
    operation: route.operation,
    method,
    path,
    params,
    query,
    headers: request.headers,
    body: upload ? {} : parseJson(body),
    upload,
    plan,
    entry,
    signal,
    response,
    headersOut: { ...commonHeaders(arrival.startedAt), ...RATE_LIMIT_HEADERS },
  };
  return route.run(service, call);
}

const takesUpload = ({ operation }: Route, { headers }: IncomingMessage): boolean =>
  operation === 'files.create' ||
  (operation === 'containers.files.create' && headers['content-type']?.startsWith('multipart/') === true);

/** What the journal keeps of an upload: its fields and the name of its file. */
const outlineOf = ({ fields, file }: Upload): Buffer =>
  Buffer.from(JSON.stringify({ ...Object.fromEntries(fields), filename: file?.filename, bytes: file?.bytes }));

/** What made the response or file of that id, as text: so that a marker in it is found on later requests too. */
function originOf({ responses, files }: Service, id: string | undefined): string {
  if (id === undefined) return '';
  const record = id.startsWith('resp_') ? responses.get(id) : undefined;
  return record ? JSON.stringify(record.request) : (files.get(id)?.filename ?? '');
}
