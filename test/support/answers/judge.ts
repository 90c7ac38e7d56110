import { Description, parseJson, type Operation } from './description.ts';
import { StreamCheck } from './stream-check.ts';
import { Wire, type Side } from './wire.ts';

/** A request, and the head of its answer. */
export interface Exchange {
  side: Side;
  method: string;
  url: URL;
  status: number;
  headers: Headers;
}

/** What is wrong with an answer so far, and who reads the rest of it: a body as a whole, or a stream as it comes. */
export interface Verdict {
  faults: string[];
  whole?: (body: string) => string[];
  stream?: StreamCheck;
}

const WIRES: Readonly<Record<Side, Wire>> = { gateway: new Wire('gateway'), service: new Wire('service') };
const says = new Description();

/** Here the app itself answers what is none of its operations. Everywhere else its host does, and promises nothing. */
const BESIDE = /^\/(openai|v1|responses)(\/|$)/;
const BESIDE_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** What the host refuses before the app is asked. */
const TOO_MANY_HEADERS = 431;
/** Whose bodies are the API's own, and not only described in docs/openapi.yaml. */
const OF_THE_API = /^\/(openai|jobs)\//;

/** Reads an answer as a strict client would: against docs/openapi.yaml, and what is the API's own against its schemas. */
export function judge(exchange: Exchange): Verdict {
  return exchange.side === 'gateway' ? judgeGateway(exchange) : judgeService(exchange);
}

/** What is wrong with a call of the webhook: the other thing that the gateway says. */
export const faultsOfWebhook = (headers: Readonly<Record<string, string>>, body: string): string[] =>
  says.faultsOfWebhook(headers, body);

function judgeGateway(exchange: Exchange): Verdict {
  const { method, url, status, headers } = exchange;
  if (status === TOO_MANY_HEADERS) return { faults: [] };
  // The dated form of an address means the same, and so does one with a slash at its end.
  const path = url.pathname.replace(/^\/openai\/(?!v1\/)/, '/openai/v1/').replace(/(?<=.)\/+$/, '');
  const operation = says.find(method, path);
  if (operation === undefined) {
    if (!BESIDE.test(url.pathname) || !BESIDE_METHODS.includes(method)) return { faults: [] };
    return { faults: faultsOfHead(exchange), whole: (body) => faultsOfRefusal(exchange, body) };
  }
  const type = typeOf(headers);
  const faults = faultsOfHead(exchange);
  if (type === 'text/event-stream') {
    return { faults, stream: newStreamCheck(exchange, (event) => says.faultsOfEvent(operation, event)) };
  }
  if (says.givesBytes(operation, status)) return { faults };
  return { faults, whole: (body) => faultsOfBody(exchange, operation, body) };
}

function judgeService(exchange: Exchange): Verdict {
  const { url, status, headers, side } = exchange;
  const type = typeOf(headers);
  if (!url.pathname.startsWith('/openai/') || url.pathname.endsWith('/content')) return { faults: [] };
  if (type === 'text/event-stream') return { faults: [], stream: newStreamCheck(exchange) };
  return {
    faults: [],
    whole: (body) =>
      status < 400 ? WIRES[side].faultsOfBody(parseJson(body)) : WIRES[side].faultsOfRefusal(parseJson(body)),
  };
}

function newStreamCheck({ side, url }: Exchange, described?: (event: unknown) => string[]): StreamCheck {
  const resumed = url.searchParams.get('starting_after');
  return new StreamCheck(WIRES[side], resumed === null ? 0 : Number(resumed) + 1, described);
}

function faultsOfHead({ status, headers }: Exchange): string[] {
  const faults: string[] = [];
  if (headers.get('x-request-id') === null) faults.push('no x-request-id');
  const wait = headers.get('retry-after');
  const final = headers.get('x-should-retry') === 'false';
  if (status === 429 && !final && wait === null) faults.push('429 without Retry-After');
  if (wait !== null && !(Number(wait) >= 1 && Number(wait) <= 60)) faults.push(`Retry-After: ${wait}`);
  if (status >= 400 && status < 500 && !final && wait === null) {
    faults.push('a refusal that SDKs would repeat: no x-should-retry');
  }
  return faults;
}

function faultsOfBody(exchange: Exchange, operation: Operation, body: string): string[] {
  const { side, status, headers, url } = exchange;
  const faults = says.faultsOfAnswer(operation, { status, type: typeOf(headers), body });
  if (typeOf(headers) !== 'application/json' || faults.length > 0) return faults;
  if (status >= 400) return [...faults, ...WIRES[side].faultsOfIds(body)];
  if (OF_THE_API.test(url.pathname)) faults.push(...WIRES[side].faultsOfBody(parseJson(body)));
  return [...faults, ...WIRES[side].faultsOfIds(body)];
}

function faultsOfRefusal({ side, status, headers }: Exchange, body: string): string[] {
  if (status < 400) return [`${status} where nothing is offered`];
  if (typeOf(headers) !== 'application/json') return [`an error of the type ${typeOf(headers)}`];
  return [...WIRES[side].faultsOfRefusal(parseJson(body)), ...WIRES[side].faultsOfIds(body)];
}

const typeOf = (headers: Headers): string => (headers.get('content-type') ?? '').split(';')[0] ?? '';
