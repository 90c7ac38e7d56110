import { GatewayError } from '../errors.ts';
import { ok } from '../http/answer.ts';
import { apiRoute } from '../http/route.ts';
import type { Services } from '../services.ts';
import { isObject } from '../upstream/wire.ts';

export function register({ http, models }: Services): void {
  const offered = (id: unknown): boolean =>
    models.allowed.length === 0 || (typeof id === 'string' && models.allowed.includes(id));

  apiRoute(http, 'listModels', ['GET'], 'models', async () => {
    const { body } = await models.service.json({
      method: 'get',
      path: '/models',
      operation: 'models.list',
      retries: 1,
    });
    const data: unknown[] = Array.isArray(body.data) ? body.data : [];
    return ok({ ...body, data: data.filter((model) => isObject(model) && offered(model.id)) });
  });

  apiRoute(http, 'retrieveModel', ['GET'], 'models/{id}', async ({ params }) => {
    const id = params.id ?? '';
    if (!offered(id))
      throw new GatewayError('not_found', `The model '${id}' does not exist or is not offered here.`, {
        param: 'model',
      });
    const path = `/models/${encodeURIComponent(id)}`;
    return ok((await models.service.json({ method: 'get', path, operation: 'models.retrieve', retries: 1 })).body);
  });
}
