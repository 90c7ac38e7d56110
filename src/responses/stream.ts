import type { ChainRecord } from '../chains/record.ts';
import { GatewayError } from '../errors.ts';
import type { Clock } from '../platform/clock.ts';
import { STREAM_LIMIT_MS } from '../platform/limits.ts';
import type { Frame } from '../streams/frames.ts';
import { framesOf, relay, type RelayEnd } from '../streams/relay.ts';
import { synthesize } from '../streams/synthesize.ts';
import { requestIdOf, type ServiceClient } from '../upstream/client.ts';
import type { JsonObject } from '../upstream/wire.ts';
import { keep, type CreateDeps, type CreatePlain } from './create.ts';
import { toEnvelope } from './finish.ts';
import type { Turn } from './prepare.ts';
import { toItem } from './request.ts';

export type StreamDeps = Omit<CreateDeps, 'service'> & {
  service: Pick<ServiceClient, 'streamResponse'>;
  createPlain: CreatePlain;
  clock: Clock;
};

export interface Streamed {
  frames: AsyncIterable<Frame>;
  rebuilt: boolean;
}

/** A streamed create. A refusal is thrown before the first frame; afterwards the stream itself tells how it ends. */
export type CreateStream = (turn: Turn) => Promise<Streamed>;

export function createStream(deps: StreamDeps): CreateStream {
  return async (turn) => {
    if (turn.imageDeployment !== undefined) return streamWithImages(deps, turn);
    const { answer, rebuilt } = await deps.ask(turn, (body) =>
      deps.service.streamResponse(body, {
        imageDeployment: turn.imageDeployment,
        traceparent: turn.record.traceparent,
        // Ends before the function's own time-out, which would cut the stream without a word.
        signal: AbortSignal.timeout(STREAM_LIMIT_MS),
      }),
    );
    const onEnd = (end: RelayEnd): Promise<JsonObject> =>
      finishStream(deps, turn, { ...end, requestId: requestIdOf(answer), rebuilt });
    return { frames: relay(turn.record, framesOf(bodyOf(answer)), onEnd), rebuilt };
  };
}

async function finishStream(
  deps: StreamDeps,
  turn: Turn,
  end: RelayEnd & { requestId: string | null; rebuilt: boolean },
): Promise<JsonObject> {
  const { output: rawOutput, ...rest } = end.response;
  if (!turn.request.store) return { ...toEnvelope(turn.record, rest), output: rawOutput.map(toItem) };
  const { record, output } = await deps.finish(
    turn.record,
    { body: end.response, requestId: end.requestId },
    { rebuilt: end.rebuilt },
  );
  const stored = await keep(deps, record);
  const envelope: ChainRecord['envelope'] = record.envelope;
  return { ...('inline' in envelope ? envelope.inline : {}), output, ...(stored ? {} : { store: false }) };
}

export async function* bodyOf(answer: Response): AsyncGenerator<Uint8Array> {
  if (answer.body === null) return;
  const chunks: AsyncIterable<Uint8Array> = answer.body;
  // Leaving the loop early (a terminal event, a broken relay) cancels the body and frees the connection.
  yield* chunks;
}

export function withoutStream(body: JsonObject): JsonObject {
  const { stream: _stream, stream_options: _options, ...rest } = body;
  return rest;
}

/** A refusal usually comes at once, and then deserves its status; an image takes longer than a reader waits for headers. */
const REFUSAL_WINDOW_MS = 3_000;

/** Azure's image tool cannot stream: the service is asked without, and the stream is made from its answer. */
async function streamWithImages(deps: StreamDeps, turn: Turn): Promise<Streamed> {
  const made = deps.createPlain({ ...turn, serviceBody: withoutStream(turn.serviceBody) }, { as: 'base64' });
  const early = await Promise.race([made, deps.clock.sleep(REFUSAL_WINDOW_MS)]);
  return { frames: framesOfAnswer(turn, made), rebuilt: early?.rebuilt ?? false };
}

async function* framesOfAnswer(turn: Turn, made: ReturnType<CreatePlain>): AsyncGenerator<Frame> {
  let response: JsonObject;
  try {
    response = (await made).response;
  } catch (error) {
    const { code, message } = error instanceof GatewayError ? error.toBody() : INTERNAL;
    const queued = 'inline' in turn.record.envelope ? turn.record.envelope.inline : {};
    response = { ...queued, status: 'failed', output: [], error: { code: code ?? 'server_error', message } };
  }
  yield* synthesize(response);
}

const INTERNAL = { code: 'server_error', message: 'The gateway failed to answer. Try again.' };
