import { toEnvelope, type Answered } from '../chains/envelope.ts';
import { inlineOf, type ChainRecord } from '../chains/record.ts';
import { maskItem } from '../chains/secrets.ts';
import { toItem } from '../upstream/items.ts';
import { isObject, serviceResponse, type JsonObject, type ServiceResponse } from '../upstream/wire.ts';
import { dataOf, encodeEvent, FrameSplitter, isLifecycle, isTerminalEvent, sequenceOf, type Frame } from './frames.ts';
import { terminalEventOf } from './synthesize.ts';

/**
 * Called before the terminal event goes out, so that whoever reads the event can read the record: with the service's last response
 * object, or one made from the last one seen when the stream was cut. Gives the event's response object in our ids.
 */
export type OnEnd = (last: ServiceResponse) => Promise<JsonObject>;

/** Fields of a failure made by the gateway itself. */
const CUT: JsonObject = {
  code: 'server_error',
  message: 'The stream from Azure OpenAI ended before the response did. Try again.',
};

/** Whose stream it is. The envelope stands in for the service's object while there is none. */
export type Relayed = Answered & Partial<Pick<ChainRecord, 'envelope'>>;

/** Where a relay goes on after an earlier one was cut. */
export interface ResumePoint {
  /** The next number in our stream. */
  next: number;
  /** How far our numbers are ahead of the service's. */
  shift: number;
}

export interface RelayOptions {
  resume?: ResumePoint;
  /** What the end of the source without a terminal event means: the run has failed, or somebody resumes it later. */
  onCut?: 'fail' | 'stop';
}

/**
 * Relays the service's stream as it comes. Only events that carry the response object or a whole item are parsed.
 * The stream that comes out begins with `response.created` (unless it is resumed) and ends with a terminal event
 * (unless a cut is to be resumed).
 */
export async function* relay(
  record: Relayed,
  source: AsyncIterable<Frame>,
  onEnd: OnEnd,
  options: RelayOptions = {},
): AsyncGenerator<Frame> {
  const state = new RelayState(record, options.resume);
  for await (const frame of source) {
    if (frame.type === '' || frame.type === 'keepalive') continue;
    if (frame.type === 'error') {
      yield* state.fail(onEnd, errorOf(frame));
      return;
    }
    yield* state.opening(frame);
    if (isTerminalEvent(frame.type)) {
      yield await state.end(frame, onEnd);
      return;
    }
    yield state.pass(frame);
  }
  if (options.onCut !== 'stop') yield* state.fail(onEnd, CUT);
}

/** The frames of a streamed answer until it ends or breaks: both are a cut, which is the relay's to tell, not to throw. */
export function framesOf({ body }: Pick<Response, 'body'>): AsyncGenerator<Frame> {
  // Leaving the loop early (a terminal event, a broken relay) cancels the body and frees the connection.
  return framesIn(body ?? []);
}

/** The same of bytes, wherever they come from. */
export async function* framesIn(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Frame> {
  const splitter = new FrameSplitter();
  try {
    for await (const chunk of source) yield* splitter.push(chunk);
  } catch {
    // A broken connection looks to every reader like one that ended too early.
    return;
  }
  yield* splitter.rest();
}

class RelayState {
  readonly #record: Relayed;
  #latest: JsonObject;
  #serviceId: string | undefined;
  #madeOpening = false;
  readonly #doneItems: JsonObject[] = [];
  #opened = false;
  #next = 0;
  /** Events that we put in front move the service's numbers. */
  #shift = 0;

  constructor(record: Relayed, resume?: ResumePoint) {
    this.#record = record;
    const { envelope } = record;
    const known = envelope === undefined ? undefined : inlineOf(envelope);
    this.#latest = known === undefined ? { id: '' } : { ...known, status: 'in_progress', id: '' };
    if (resume === undefined) return;
    this.#opened = true;
    this.#next = resume.next;
    this.#shift = resume.shift;
  }

  /** The SDK's helper throws unless `response.created` comes first: one is made when the service opens otherwise. */
  *opening(first: Frame): Generator<Frame> {
    if (this.#opened) return;
    this.#opened = true;
    if (first.type === 'response.created') return;
    this.#shift = 1;
    const data = isLifecycle(first.type) ? dataOf(first.bytes) : undefined;
    const response = isObject(data?.response) ? data.response : this.#latest;
    this.#madeOpening = true;
    yield encodeEvent({ type: 'response.created', response: this.#ours(response), sequence_number: 0 });
  }

  pass(frame: Frame): Frame {
    if (isLifecycle(frame.type)) return this.#rewrite(frame);
    if (frame.type.startsWith('response.output_item.')) return this.#passItem(frame);
    return this.#passAsItIs(frame);
  }

  /** An item that has ended is remembered, in case the stream breaks; one that brings tools along shows no secret of theirs. */
  #passItem(frame: Frame): Frame {
    const data = dataOf(frame.bytes);
    if (data === undefined || !isObject(data.item)) return this.#passAsItIs(frame);
    const item = maskItem(data.item);
    if (frame.type === 'response.output_item.done') this.#doneItems.push(item);
    return this.#passAsItIs(item === data.item ? frame : encodeEvent({ ...data, type: frame.type, item }));
  }

  #passAsItIs(frame: Frame): Frame {
    const sequence = sequenceOf(frame.bytes);
    this.#next = (sequence ?? this.#next) + this.#shift + 1;
    const named = this.#inOurWords(frame);
    if (this.#shift === 0 || sequence === undefined) return named;
    const data = dataOf(named.bytes);
    return data === undefined
      ? named
      : encodeEvent({ ...data, type: frame.type, sequence_number: sequence + this.#shift });
  }

  /** The service's id of the response may stand anywhere in an event; nobody but us knows it. */
  #inOurWords(frame: Frame): Frame {
    if (this.#serviceId === undefined || !frame.bytes.includes(this.#serviceId)) return frame;
    const text = frame.bytes.toString().replaceAll(this.#serviceId, this.#record.id);
    return { ...frame, bytes: Buffer.from(text) };
  }

  async end(frame: Frame, onEnd: OnEnd): Promise<Frame> {
    const data = dataOf(frame.bytes) ?? {};
    const parsed = serviceResponse.safeParse(data.response);
    if (!parsed.success) return this.#terminal('response.failed', await onEnd(this.#failed(CUT)), data);
    const response = await onEnd(parsed.data);
    // Our own state wins: a run that was cancelled here ends so, whatever the service made of it.
    const type = response.status === parsed.data.status ? frame.type : terminalEventOf(response.status);
    return this.#terminal(type, response, data);
  }

  /** The service said `error`, or nothing more: the run has failed, and the stream says so in the way every client reads. */
  async *fail(onEnd: OnEnd, error: JsonObject): AsyncGenerator<Frame> {
    if (!this.#opened) {
      this.#opened = true;
      this.#next = 1;
      yield encodeEvent({ type: 'response.created', response: this.#ours(this.#latest), sequence_number: 0 });
    }
    const response = await onEnd(this.#failed(error));
    yield encodeEvent({ type: 'response.failed', response, sequence_number: this.#next });
  }

  #terminal(type: string, response: JsonObject, data: JsonObject): Frame {
    const given = typeof data.sequence_number === 'number' ? data.sequence_number + this.#shift : this.#next;
    return encodeEvent({ ...data, type, response, sequence_number: given });
  }

  #rewrite(frame: Frame): Frame {
    const data = dataOf(frame.bytes);
    if (data === undefined || !isObject(data.response)) return frame;
    this.#latest = data.response;
    if (typeof data.response.id === 'string' && data.response.id !== '') this.#serviceId = data.response.id;
    const given = typeof data.sequence_number === 'number' ? data.sequence_number + this.#shift : this.#next;
    this.#next = given + 1;
    // There is one opening: where ours came first, the service's own only tells the state.
    const type =
      this.#madeOpening && frame.type === 'response.created'
        ? `response.${data.response.status === 'queued' ? 'queued' : 'in_progress'}`
        : frame.type;
    return encodeEvent({ ...data, type, response: this.#ours(data.response), sequence_number: given });
  }

  #ours(response: JsonObject): JsonObject {
    const { output, ...rest } = response;
    const items: unknown[] = Array.isArray(output) ? output : [];
    const shown = items.map((item) => (isObject(item) ? maskItem(item) : item));
    return { object: 'response', ...toEnvelope(this.#record, rest), output: shown };
  }

  /** The last object seen, as a failure, with the items that were finished by then. */
  #failed(error: JsonObject): ServiceResponse {
    const output = this.#doneItems.map(toItem);
    return { id: '', object: 'response', ...this.#latest, status: 'failed', completed_at: null, error, output };
  }
}

function errorOf(frame: Frame): JsonObject {
  const data = dataOf(frame.bytes) ?? {};
  const error = isObject(data.error) ? data.error : data;
  return {
    code: typeof error.code === 'string' ? error.code : 'server_error',
    message: typeof error.message === 'string' ? error.message : 'Azure OpenAI reported an error in the stream.',
  };
}
