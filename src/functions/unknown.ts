import type { HttpMethod } from '@azure/functions';
import { GatewayError } from '../errors.ts';
import type { Call } from '../http/call.ts';
import { route } from '../http/route.ts';
import type { Services } from '../services.ts';

const METHODS: HttpMethod[] = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'];

const refuse =
  (advice: string) =>
  ({ request, url }: Call): Promise<never> =>
    Promise.reject(
      new GatewayError('unknown_route', `${request.method} ${url.pathname} is not offered here. ${advice}`),
    );

/**
 * What lies beside the operations: the API's error body instead of the host's empty 404.
 * Azure tries routes in the order of their functions' names, so this one's has to come behind all others under `openai`.
 */
export function register({ http }: Services): void {
  const check = refuse('Check the address and the method: GET /openapi.json lists all that are.');
  route(http, 'wrongAddress', METHODS, 'openai/{*path}', check);
  // Clients whose base address is not complete. No route for everything: the host's own addresses lie beside ours.
  const complete = refuse("The API's base address ends in /openai/v1: complete it in the client.");
  route(http, 'baseWithoutOpenai', METHODS, 'v1/{*path}', complete);
  route(http, 'baseWithoutPath', METHODS, 'responses/{*path}', complete);
}
