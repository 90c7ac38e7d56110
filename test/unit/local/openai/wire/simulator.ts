import OpenAI from 'openai';
import { startOpenAI, type OpenAIOptions } from '../../../../../local/openai/server.ts';
import { unwatch, watch } from '../../../../support/answers/checked-fetch.ts';
import type { Item, Outcome, Think, Turn, Usage } from '../../../../../local/openai/turn.ts';

export const USAGE: Usage = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 15,
};

export type Body = Record<string, unknown>;

export interface Reply {
  status: number;
  headers: Headers;
  body: Body;
}

export interface Event extends Body {
  type: string;
  sequence_number: number;
}

/** An answer that repeats the texts of the whole conversation: enough to see what the model was shown. */
export const echo: Think = async function* (turn) {
  await Promise.resolve();
  yield messageOf(turn, turn.context.map(textOf).join(' | '));
  return { status: 'completed', usage: USAGE };
};

/** Yields these items, whatever was asked. */
export const saying = (make: (turn: Turn) => Item[], outcome: Outcome = { status: 'completed', usage: USAGE }): Think =>
  async function* (turn) {
    await Promise.resolve();
    yield* make(turn);
    return outcome;
  };

export const messageOf = (turn: Turn, text: string): Item => ({
  id: turn.newId('msg'),
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
});

const textOf = ({ type, content }: Item): string => {
  if (!Array.isArray(content)) return type;
  return content.map((part: unknown) => (isBody(part) && typeof part.text === 'string' ? part.text : '?')).join('');
};

export const isBody = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface Simulator {
  address: string;
  client: OpenAI;
  /** Sends a request below `/openai/v1`, with a key. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  create(body: Body, headers?: Record<string, string>): Promise<Reply>;
  /** The events of a streamed request, and whether the stream ended with `[DONE]`. */
  stream(method: string, path: string, body?: unknown): Promise<{ events: Event[]; text: string }>;
  /** Opens a stream and gives the id in its first event; the rest is read to its end, or to where it is cut. */
  open(body: Body): Promise<{ id: string; events: Promise<Event[]> }>;
  control(method: string, path: string, body?: unknown): Promise<Reply>;
  /** Plans a fault. */
  plan(fault: Body, match?: Body, more?: Body): Promise<void>;
  /** Polls until the response has that status. */
  until(id: unknown, status: string): Promise<Body>;
  stop(): Promise<void>;
}

const POLL_MS = 10;
const LIMIT_MS = 5_000;

/** A simulator of the test's own, with {@link echo} for a mind unless told otherwise. */
export async function startSimulator(options: OpenAIOptions = {}): Promise<Simulator> {
  const simulator = await startBrokenSimulator(options);
  watch(simulator.address, 'service');
  return simulator;
}

/** One whose answers nobody checks, because they are planned to be wrong. */
export async function startBrokenSimulator(options: OpenAIOptions = {}): Promise<Simulator> {
  const server = await startOpenAI({ think: echo, ...options });
  const request = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.address}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  const send: Simulator['send'] = async (method, path, body, headers = { 'api-key': 'test' }) =>
    reply(await request(method, path.startsWith('/openai') ? path : `/openai/v1${path}`, body, headers));
  const control: Simulator['control'] = async (method, path, body) =>
    reply(await request(method, `/_control${path}`, body));
  return {
    address: server.address,
    client: new OpenAI({ baseURL: `${server.address}/openai/v1`, apiKey: 'test', maxRetries: 0 }),
    send,
    control,
    create: (body, headers) =>
      send('POST', '/responses', { model: 'gpt-4o', ...body }, headers && { 'api-key': 'test', ...headers }),
    async stream(method, path, body) {
      const response = await request(method, `/openai/v1${path}`, body, { 'api-key': 'test' });
      const text = await response.text();
      return { events: eventsIn(text), text };
    },
    async open(body) {
      const all = { model: 'gpt-4o', input: 'x', stream: true, ...body };
      const response = await request('POST', '/openai/v1/responses', all, { 'api-key': 'test' });
      const first = Promise.withResolvers<string>();
      const events = read(response, first.resolve).then(eventsIn);
      const opening = eventsIn(await first.promise)[0]?.response;
      return { id: isBody(opening) ? String(opening.id) : '', events };
    },
    async plan(fault, match = {}, more = {}) {
      const { status, body } = await control('POST', '/scenarios', { match, fault, ...more });
      if (status !== 200) throw new Error(JSON.stringify(body));
    },
    async until(id, status) {
      const deadline = Date.now() + LIMIT_MS;
      for (;;) {
        const { body } = await send('GET', `/responses/${String(id)}`);
        if (body.status === status) return body;
        if (Date.now() > deadline) throw new Error(`Still ${JSON.stringify(body.status)} instead of ${status}.`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    stop: async () => {
      unwatch(server.address);
      await server.stop();
    },
  };
}

/** All that arrives until the end or the cut; tells of the first whole frame. */
async function read(response: Response, first: (text: string) => void): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    const chunks: AsyncIterable<unknown> | undefined = response.body ?? undefined;
    for await (const chunk of chunks ?? []) {
      if (chunk instanceof Uint8Array) text += decoder.decode(chunk, { stream: true });
      if (text.includes('\n\n')) first(text);
    }
  } catch {
    // The connection was cut: what came before counts.
  }
  first(text);
  return text;
}

async function reply(response: Response): Promise<Reply> {
  const text = await response.text();
  const body: unknown = text.startsWith('{') ? JSON.parse(text) : { text };
  return { status: response.status, headers: response.headers, body: isBody(body) ? body : {} };
}

/** The events of an SSE text. Checks that the name of each equals its type. */
function eventsIn(text: string): Event[] {
  return text
    .split('\n\n')
    .filter((frame) => /^event: (response|error).*\ndata: .*\}$/.test(frame))
    .map((frame) => {
      const [name = '', data = ''] = frame.split('\n');
      const event: unknown = JSON.parse(data.slice('data: '.length));
      if (!isEvent(event) || name !== `event: ${event.type}`) throw new Error(`Not an event: ${frame}`);
      return event;
    });
}

const isEvent = (value: unknown): value is Event =>
  isBody(value) && typeof value.type === 'string' && typeof value.sequence_number === 'number';

/** The `error` object of a refusal. */
export const errorOf = ({ body }: Reply): Body => (isBody(body.error) ? body.error : {});

/** Texts of the output of a response. */
export function outputText(body: Body): string {
  const items = Array.isArray(body.output) ? body.output.filter(isBody) : [];
  const parts = items.flatMap(({ content }) => (Array.isArray(content) ? content.filter(isBody) : []));
  return parts.map(({ text }) => (typeof text === 'string' ? text : '')).join('');
}

/** Kinds in order, runs of the same delta as one. */
export function shapeOf(events: readonly Event[]): string[] {
  return events
    .map(({ type }) => type.replace(/^response\./, ''))
    .filter((type, index, all) => !(type.endsWith('.delta') && type === all[index - 1]));
}
