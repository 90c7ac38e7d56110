import { durableClient, orchestrationsOf } from '../background/starter.ts';
import { RUN_RESPONSE } from '../background/orchestrator.ts';
import { GatewayError } from '../errors.ts';
import { ok } from '../http/answer.ts';
import { readJson } from '../http/body.ts';
import type { Call } from '../http/call.ts';
import { apiRoute } from '../http/route.ts';
import type { ImageForm } from '../responses/present.ts';
import type { Services } from '../platform/services.ts';

const IMAGE_DEPLOYMENT = 'x-ms-oai-image-generation-deployment';

export function register(services: Services): void {
  const { http, responses, background } = services;
  const withDurable = { extraInputs: [durableClient] };

  apiRoute(
    http,
    'createResponse',
    ['POST'],
    'responses',
    async (call) => {
      const turn = await responses.prepare(
        { ...call, imageDeployment: call.request.headers.get(IMAGE_DEPLOYMENT) ?? undefined },
        await readJson(call.request),
      );
      if (turn.request.stream) {
        throw new GatewayError('unsupported_parameter', "'stream' is not offered yet.", { param: 'stream' });
      }
      if (turn.request.background) {
        return ok(await background.accept(turn, orchestrationsOf(call.context, RUN_RESPONSE)));
      }
      const { response, rebuilt } = await responses.create(turn, imageForm(call));
      return ok(response, rebuilt ? { 'x-context-rebuilt': 'true' } : {});
    },
    withDurable,
  );

  apiRoute(http, 'retrieveResponse', ['GET'], 'responses/{id}', async (call) =>
    ok(await responses.retrieve(call.owner, idOf(call), imageForm(call))),
  );

  apiRoute(http, 'deleteResponse', ['DELETE'], 'responses/{id}', async (call) =>
    ok(await responses.remove(call.owner, idOf(call))),
  );

  apiRoute(http, 'cancelResponse', ['POST'], 'responses/{id}/cancel', async (call) =>
    ok(await responses.cancel(call.owner, idOf(call))),
  );
}

const idOf = (call: Call): string => call.params.id ?? '';

const imageForm = (call: Call): ImageForm =>
  call.url.searchParams.get('images') === 'url' ? { as: 'links', base: call.base } : { as: 'base64' };
