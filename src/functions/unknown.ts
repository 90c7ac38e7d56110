import { GatewayError } from '../errors.ts';
import { route } from '../http/route.ts';
import type { Services } from '../services.ts';

/** Everything else under the API's address: the API's error body instead of the host's empty 404. */
export function register({ http }: Services): void {
  route(http, 'unknownRoute', ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], 'openai/{*path}', (call) => {
    const { method } = call.request;
    const error = new GatewayError(
      'unknown_route',
      `${method} ${call.url.pathname} is not offered here. Check the address and the method.`,
    );
    return Promise.reject(error);
  });
}
