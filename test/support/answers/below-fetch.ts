import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { report, sideOf } from './checked-fetch.ts';
import { judge, type Exchange } from './judge.ts';

/** Nothing that is sent here takes long; whatever does is a hang. */
const PATIENCE_MS = 10_000;

export interface Sent {
  method?: string;
  path: string;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  /** As far as it came. */
  body: string;
}

/**
 * A request below `fetch`, which would mend addresses, refuse headers and send bodies to their end. Its answer is checked like
 * every other; it may come before all is sent.
 * @param send sends the body
 */
export async function askBelowFetch(
  gateway: string,
  { method = 'GET', path, headers = {} }: Sent,
  send: (call: ClientRequest) => void = (call) => call.end(),
): Promise<Answer> {
  const url = new URL(gateway + path);
  const side = sideOf(url);
  if (side === undefined) throw new Error(`Nobody checks what ${gateway} answers.`);
  const { hostname, port } = new URL(gateway);
  return new Promise((resolve, reject) => {
    let begun = false;
    const call = request({ hostname, port, method, path, headers }, (answer) => {
      begun = true;
      read(answer, { side, method, url })
        .finally(() => call.destroy())
        .then(resolve, reject);
    });
    call.setTimeout(PATIENCE_MS, () => {
      reject(new Error(`No answer to ${method} ${path}, or no end of it.`));
      call.destroy();
    });
    // Once the answer has begun, an error is about the rest of the request, and nobody needs that.
    call.on('error', (error) => (begun ? undefined : reject(error)));
    send(call);
  });
}

async function read(answer: IncomingMessage, asked: Pick<Exchange, 'side' | 'method' | 'url'>): Promise<Answer> {
  const status = answer.statusCode ?? 0;
  const exchange = { ...asked, status, headers: headersOf(answer) };
  const { faults, whole, stream } = judge(exchange);
  report(exchange, faults);
  const body = await textOf(answer);
  if (answer.complete && whole !== undefined) report(exchange, whole(body));
  if (stream !== undefined) {
    stream.read(body);
    if (answer.complete) stream.end();
    report(exchange, stream.faults);
  }
  return { status, body };
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}

/** All that comes before the end, or before the connection breaks. */
function textOf(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let body = '';
    answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    answer.on('error', () => undefined).once('close', () => resolve(body));
  });
}
