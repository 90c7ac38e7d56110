import type { HttpResponseInit } from '@azure/functions';
import { RUN_RESPONSE } from '../background/orchestrator.ts';
import { durableClient, orchestrationsOf } from '../background/starter.ts';
import type { ChainRecord } from '../chains/record.ts';
import { GatewayError } from '../errors.ts';
import { ok } from '../http/answer.ts';
import { readJson } from '../http/body.ts';
import type { Call } from '../http/call.ts';
import { imageForm } from '../http/image-form.ts';
import { rebuiltHeader } from '../http/rebuilt-header.ts';
import { accepted, prefersAsync } from '../http/respond-async.ts';
import { apiRoute } from '../http/route.ts';
import { sse } from '../http/sse.ts';
import type { Created } from '../responses/create.ts';
import type { Turn } from '../responses/prepare.ts';
import type { Streamed } from '../responses/stream.ts';
import type { Services } from '../services.ts';
import type { Frame } from '../streams/frames.ts';
import { synthesize } from '../streams/synthesize.ts';
import type { JsonObject } from '../upstream/wire.ts';

const IMAGE_DEPLOYMENT = 'x-ms-oai-image-generation-deployment';

type Used = Pick<Services, 'responses' | 'background' | 'once'>;

/** A create in all its forms: plain, streamed, in the background, answered by a link, at most once for a key. */
export function register(services: Services): void {
  apiRoute(services.http, 'createResponse', ['POST'], 'responses', (call) => create(services, call), {
    extraInputs: [durableClient],
  });
}

/** What one answer takes: the plain answer, and when the work behind it ends, if that is later. */
interface Begun {
  answer: HttpResponseInit;
  ended?: Promise<unknown>;
}

async function create(services: Used, call: Call): Promise<HttpResponseInit> {
  const { headers } = call.request;
  const byLink = prefersAsync(headers);
  const given = await readJson(call.request);
  const body = byLink ? { ...given, background: true } : given;
  if (byLink && body.stream === true) throw exclude('Prefer: respond-async', '"stream": true', 'stream');
  const caller = { ...call, imageDeployment: headers.get(IMAGE_DEPLOYMENT) ?? undefined };
  const begin = async (id?: string): Promise<Begun> => {
    const turn = await services.responses.prepare(caller, body, id);
    return byLink ? { answer: await startJob(services, call, turn) } : start(services, call, turn);
  };
  const key = headers.get('idempotency-key');
  if (key === null) return (await begin()).answer;
  if (body.store === false) throw exclude('Idempotency-Key', '"store": false', 'store');
  return services.once(
    { owner: call.owner, key, body, requestId: call.requestId, traceparent: call.traceparent },
    { run: begin, repeat: async (record) => replayed(await repeat(services, call, { record, body, byLink })) },
  );
}

async function start({ responses, background }: Used, call: Call, turn: Turn): Promise<Begun> {
  const { stream, background: inBackground } = turn.request;
  if (stream) {
    const streamed: Streamed = inBackground
      ? await background.acceptStream(turn, orchestrationsOf(call.context, RUN_RESPONSE), imageForm(call))
      : await responses.stream(turn, imageForm(call));
    const { watched, ended } = watch(streamed.frames);
    return { answer: sse(watched, { ...rebuiltHeader(streamed.rebuilt), ...streamed.rateLimits }), ended };
  }
  const made: Created = inBackground
    ? await background.accept(turn, orchestrationsOf(call.context, RUN_RESPONSE), imageForm(call))
    : await responses.create(turn, imageForm(call));
  return { answer: ok(made.response, { ...rebuiltHeader(made.rebuilt), ...made.rateLimits }) };
}

async function startJob({ background }: Used, call: Call, turn: Turn): Promise<HttpResponseInit> {
  const { token, job } = background.jobs.open();
  const orchestrations = orchestrationsOf(call.context, RUN_RESPONSE);
  const linked = { ...turn, record: { ...turn.record, job } };
  return accepted(call, {
    id: turn.record.id,
    token,
    ...(await background.accept(linked, orchestrations, imageForm(call))),
  });
}

/** The answer to a repeated create, in the form in which it is asked for. */
async function repeat(
  { responses, background }: Used,
  call: Call,
  asked: { record: ChainRecord; body: JsonObject; byLink: boolean },
): Promise<HttpResponseInit> {
  const { id, background: inBackground } = asked.record;
  const images = imageForm(call);
  if (asked.body.stream === true && inBackground) {
    const { frames, rebuilt } = await background.resume(call.owner, id, { after: -1, images });
    return sse(frames, rebuiltHeader(rebuilt), 'waits');
  }
  const shown = await responses.retrieve(call.owner, id, { images, include: [] });
  if (asked.byLink) return accepted(call, { id, token: await background.jobs.reopen(asked.record), ...shown });
  const headers = rebuiltHeader(shown.rebuilt);
  return asked.body.stream === true ? sse(made(shown.response), headers) : ok(shown.response, headers);
}

/** Tells clients that nothing was done this time. */
const replayed = (answer: HttpResponseInit): HttpResponseInit => {
  const headers = new Headers(answer.headers);
  headers.set('idempotency-replayed', 'true');
  return { ...answer, headers };
};

// eslint-disable-next-line @typescript-eslint/require-await -- the frames are there already; a reader wants them as a stream
async function* made(response: JsonObject): AsyncGenerator<Frame> {
  yield* synthesize(response);
}

/** The same frames, and a promise of their end. */
function watch(frames: AsyncIterable<Frame>): { watched: AsyncIterable<Frame>; ended: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  async function* watched(): AsyncGenerator<Frame> {
    try {
      yield* frames;
    } finally {
      resolve(undefined);
    }
  }
  return { watched: watched(), ended: promise };
}

const exclude = (one: string, other: string, param: string): GatewayError =>
  new GatewayError('unsupported_combination', `${one} cannot be used together with ${other}.`, { param });
