import type { IncomingMessage, ServerResponse } from 'node:http';
import { newUploadId } from '../ids.ts';
import { routeFor, type Route } from '../operations/routes.ts';
import { asRefusal, notSimulated } from '../refusals.ts';
import type { Entry } from '../scenarios/journal.ts';
import type { Plan } from '../scenarios/plan.ts';
import { RESET, strike } from '../scenarios/strike.ts';
import type { Service } from '../service.ts';
import type { Answer } from './answer.ts';
import { parseJson, readBody } from './body.ts';
import { STREAMED, type Call } from './call.ts';
import { stepsOf } from './path.ts';
import { readUpload, type Upload } from './upload.ts';

/** A request as it comes in. */
export interface Arrival {
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  startedAt: number;
  /** What the answer is called, for whoever asks about it. */
  requestId: string;
}

/** What was asked, its body read and its faults known. */
interface Asked {
  route: Route;
  params: readonly string[];
  upload: Upload | undefined;
  body: Buffer;
  entry: Entry;
  plan: Plan;
}

/**
 * Reads the request, writes it into the journal, lets the planned faults happen, and runs the operation.
 * @returns undefined when the connection has had its answer, or its reset. @throws Refusal
 */
export async function serve(service: Service, arrival: Arrival): Promise<Answer | undefined> {
  const asked = await read(service, arrival);
  const { entry, plan, upload } = asked;
  try {
    const outcome = await perform(service, arrival, asked);
    // The caller hung up: nobody was answered.
    if (outcome !== STREAMED && arrival.response.destroyed) return undefined;
    if (outcome !== RESET) service.journal.close(entry, outcome === STREAMED ? entry.status : (outcome.status ?? 200));
    if (outcome === STREAMED) return undefined;
    if (outcome !== RESET && !plan.has('lose_answer')) return outcome;
    arrival.response.socket?.resetAndDestroy();
    return undefined;
  } catch (error) {
    const refusal = asRefusal(error);
    if (upload) service.parts.delete(upload.owner);
    service.journal.close(entry, refusal.status);
    throw refusal;
  }
}

async function read(service: Service, { request, requestId, method, path, query }: Arrival): Promise<Asked> {
  if (request.headers.upgrade !== undefined) throw notSimulated('the WebSocket mode');
  const { route, params } = routeFor(method, stepsOf(path, query));
  const upload = takesUpload(route, request) ? await readUpload(request, service.parts, newUploadId()) : undefined;
  const body = upload ? outlineOf(upload) : await readBody(request);
  const entry = service.journal.open({
    at: service.clock.now(),
    operation: route.operation,
    method,
    path: request.url ?? path,
    requestId,
    headers: request.headers,
    body,
    responseId: path.includes('/responses/') ? params[0] : undefined,
  });
  const plan = service.book.take({
    operation: route.operation,
    responseId: entry.responseId,
    contains: (text) => entry.path.includes(text) || body.includes(text) || originOf(service, params[0]).includes(text),
  });
  return { route, params, upload, body, entry, plan };
}

async function perform(
  service: Service,
  arrival: Arrival,
  asked: Asked,
): Promise<Answer | typeof STREAMED | typeof RESET> {
  const { response, method, path, query, request, startedAt } = arrival;
  const { route, params, upload, body, entry, plan } = asked;
  const hangup = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) hangup.abort();
  });
  const struck = await strike(plan, { method, path, signal: hangup.signal });
  if (struck) return struck;
  const call: Call = {
    params,
    query,
    headers: request.headers,
    body: upload ? {} : parseJson(body),
    upload,
    plan,
    entry,
    signal: hangup.signal,
    response,
    startedAt,
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
