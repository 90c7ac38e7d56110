import { historiesOf } from '../background/histories.ts';
import { durableClient } from '../background/starter.ts';
import { GatewayError } from '../errors.ts';
import { ok } from '../http/answer.ts';
import { readJson } from '../http/body.ts';
import { queryFlag, queryList, type Call } from '../http/call.ts';
import { imageForm } from '../http/image-form.ts';
import { listOf, pageOf, readPage } from '../http/paging.ts';
import { rebuiltHeader } from '../http/rebuilt-header.ts';
import { apiRoute } from '../http/route.ts';
import { sse } from '../http/sse.ts';
import type { Services } from '../services.ts';
import { withoutPadding } from '../streams/padding.ts';

export function register(services: Services): void {
  const { http, responses, background } = services;
  const withDurable = { extraInputs: [durableClient] };

  apiRoute(http, 'listResponses', ['GET'], 'responses', async (call) => {
    refuseUpgrade(call);
    const { data, hasMore } = await responses.list(call.owner, readPage(call.url), imageForm(call));
    return ok(listOf(data, hasMore));
  });

  apiRoute(http, 'listInputItems', ['GET'], 'responses/{id}/input_items', async (call) => {
    const page = readPage(call.url);
    const context = await responses.inputItems(call.owner, idOf(call), queryList(call.url, 'include'));
    const shown = pageOf(context.items, page);
    return ok({ ...shown, data: await context.withImages(shown.data, imageForm(call)) });
  });

  apiRoute(http, 'compactResponse', ['POST'], 'responses/compact', async ({ owner, request }) =>
    ok(await responses.contextCalls.compact(owner, await readJson(request))),
  );

  apiRoute(http, 'countInputTokens', ['POST'], 'responses/input_tokens', async ({ owner, request }) =>
    ok(await responses.contextCalls.countTokens(owner, await readJson(request))),
  );

  apiRoute(http, 'retrieveResponse', ['GET'], 'responses/{id}', async (call) => {
    if (queryFlag(call.url, 'stream')) {
      const view = { after: startingAfter(call.url), images: imageForm(call) };
      const { frames, rebuilt } = await background.resume(call.owner, idOf(call), view);
      const padded = queryFlag(call.url, 'include_obfuscation', true);
      return sse(padded ? frames : withoutPadding(frames), rebuiltHeader(rebuilt), 'waits');
    }
    const wanted = { images: imageForm(call), include: queryList(call.url, 'include') };
    const { response, rebuilt } = await responses.retrieve(call.owner, idOf(call), wanted);
    return ok(response, rebuiltHeader(rebuilt));
  });

  apiRoute(
    http,
    'deleteResponse',
    ['DELETE'],
    'responses/{id}',
    async (call) => {
      const cascade = queryFlag(call.url, 'cascade');
      return ok(await responses.remove(call.owner, idOf(call), { cascade, histories: historiesOf(call.context) }));
    },
    withDurable,
  );

  apiRoute(http, 'cancelResponse', ['POST'], 'responses/{id}/cancel', async (call) => {
    const { response, rebuilt } = await responses.cancel(call.owner, idOf(call), imageForm(call));
    return ok(response, rebuiltHeader(rebuilt));
  });
}

/** The WebSocket mode of the API begins as a GET of this address; Functions cannot upgrade a connection. */
function refuseUpgrade({ request }: Call): void {
  if (request.headers.get('upgrade') === null && request.headers.get('sec-websocket-key') === null) return;
  throw new GatewayError(
    'upgrade_not_offered',
    'The WebSocket mode is not offered here. Send POST /openai/v1/responses, with "stream": true for events.',
  );
}

/** The sequence number behind which a stream is to begin; -1 for all of it. */
function startingAfter(url: URL): number {
  const text = url.searchParams.get('starting_after');
  if (text === null) return -1;
  const after = text === '' ? NaN : Number(text);
  if (!Number.isInteger(after) || after < -1) {
    throw new GatewayError('invalid_value', "'starting_after' must be a sequence number.", { param: 'starting_after' });
  }
  return after;
}

const idOf = (call: Call): string => call.params.id ?? '';
