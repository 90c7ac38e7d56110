import type { DebtDeps } from '../chains/debt.ts';
import { inlineOf } from '../chains/record.ts';
import { GatewayError } from '../errors.ts';
import { encodeEvent, type Frame } from '../streams/frames.ts';
import { framesOf, relay } from '../streams/relay.ts';
import { synthesize } from '../streams/synthesize.ts';
import { requestIdOf, type ServiceClient } from '../upstream/client.ts';
import { rateLimitsOf, type RateLimits } from '../upstream/rate-limits.ts';
import type { JsonObject, ServiceResponse } from '../upstream/wire.ts';
import type { Asked } from './ask.ts';
import type { CreateDeps, CreatePlain } from './create.ts';
import { keep, unstored } from './keep.ts';
import type { Turn } from './prepare.ts';
import type { ImageForm } from './present.ts';

export type StreamDeps = Omit<CreateDeps, 'service'> & {
  service: Pick<ServiceClient, 'streamResponse'> & DebtDeps['service'];
  createPlain: CreatePlain;
  streamLimitMs: number;
};

export interface Streamed {
  frames: AsyncIterable<Frame>;
  rebuilt: boolean;
  /** Not there when the service took too long for headers. */
  rateLimits?: RateLimits;
}

/** A streamed create. A refusal is thrown before the first frame; afterwards the stream itself tells how it ends. */
export type CreateStream = (turn: Turn, images: ImageForm) => Promise<Streamed>;

export function createStream(deps: StreamDeps): CreateStream {
  return async (turn, images) => {
    if (turn.imageDeployment !== undefined) return streamWithImages(deps, turn, images);
    const limit = AbortSignal.timeout(deps.streamLimitMs);
    const asked = deps.ask(turn, (body) =>
      deps.service.streamResponse(body, {
        traceparent: turn.record.traceparent,
        timeoutMs: deps.streamLimitMs,
        signal: limit,
      }),
    );
    const early = await Promise.race([asked, deps.clock.sleep(SLOW_SERVICE_MS)]);
    const onEnd = async (last: ServiceResponse): Promise<JsonObject> =>
      finishStream(deps, turn, last, await factsOf(asked));
    return {
      frames: relay(turn.record, framesOfAsked(asked, limit), onEnd),
      rebuilt: early?.rebuilt ?? false,
      rateLimits: rateLimitsOf(early?.answer.headers),
    };
  };
}

type AskedStream = Promise<Asked<Response>>;

/** A service this slow to begin is waited for with headers sent and comments flowing: silent requests are cut or repeated. */
const SLOW_SERVICE_MS = 15_000;

async function factsOf(asked: AskedStream): Promise<StreamFacts> {
  try {
    const { answer, rebuilt } = await asked;
    return { requestId: requestIdOf(answer), rebuilt };
  } catch {
    // The refusal itself stands in the stream.
    return { requestId: null, rebuilt: false };
  }
}

/** The service's frames; a refusal that came too late for a status of its own is an `error` event, which the relay ends with. */
async function* framesOfAsked(asked: AskedStream, limit: AbortSignal): AsyncGenerator<Frame> {
  let answer: Response;
  try {
    ({ answer } = await asked);
  } catch (error) {
    yield encodeEvent({ type: 'error', ...failureOf(error) });
    return;
  }
  yield* framesOf(answer);
  // Who has read the terminal event does not come here: the stream was still going on.
  if (limit.aborted) yield encodeEvent({ type: 'error', ...failureOf(TOO_LONG) });
}

const TOO_LONG = new GatewayError(
  'took_too_long',
  'The response was not finished when the longest time for a stream was over. Ask with "background": true and "stream": true, which can be resumed.',
);

interface StreamFacts {
  requestId: string | null;
  rebuilt: boolean;
}

async function finishStream(
  deps: StreamDeps,
  turn: Turn,
  response: ServiceResponse,
  { requestId, rebuilt }: StreamFacts,
): Promise<JsonObject> {
  if (!turn.request.store) return unstored(deps, turn.record, { body: response, requestId });
  const { record, output } = await deps.finish(turn.record, { body: response, requestId }, { rebuilt });
  const stored = await keep(deps, record);
  return { ...inlineOf(record.envelope), output, ...(stored ? {} : { store: false }) };
}

export function withoutStream(body: JsonObject): JsonObject {
  const { stream: _stream, stream_options: _options, ...rest } = body;
  return rest;
}

/** A refusal usually comes at once, and then deserves its status; an image takes longer than a reader waits for headers. */
const REFUSAL_WINDOW_MS = 3_000;

/** Azure's image tool cannot stream: the service is asked without, and the stream is made from its answer. */
async function streamWithImages(deps: StreamDeps, turn: Turn, images: ImageForm): Promise<Streamed> {
  const made = deps.createPlain({ ...turn, serviceBody: withoutStream(turn.serviceBody) }, images);
  const early = await Promise.race([made, deps.clock.sleep(REFUSAL_WINDOW_MS)]);
  return { frames: framesOfAnswer(deps, turn, made), rebuilt: early?.rebuilt ?? false, rateLimits: early?.rateLimits };
}

async function* framesOfAnswer(deps: StreamDeps, turn: Turn, made: ReturnType<CreatePlain>): AsyncGenerator<Frame> {
  const answered = made.then(
    ({ response }) => response,
    (error: unknown) => failedAnswer(deps, turn, error),
  );
  yield* synthesize(await answered);
}

/** A refusal that came too late for a status of its own: kept as the end of the response, as in every other stream. */
async function failedAnswer(deps: StreamDeps, turn: Turn, error: unknown): Promise<JsonObject> {
  const response = { ...inlineOf(turn.record.envelope), id: '', status: 'failed', output: [], error: failureOf(error) };
  return finishStream(deps, turn, response, { requestId: null, rebuilt: false });
}

function failureOf(error: unknown): { code: string; message: string } {
  const { code, message } = error instanceof GatewayError ? error.toBody() : INTERNAL;
  return { code: code ?? 'server_error', message };
}

const INTERNAL = { code: 'server_error', message: 'The gateway failed to answer. Try again.' };
