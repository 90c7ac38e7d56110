import { app } from '@azure/functions';
import { GatewayError } from '../errors.ts';
import { renderError } from '../http/render.ts';

/** With wrong settings nothing of the API works, and every call of it hears so; what is wrong stands in `GET /health`. */
export function register(): void {
  app.http('misconfigured', {
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    route: 'openai/{*path}',
    authLevel: 'anonymous',
    handler: () => {
      const message = 'The settings of this gateway are wrong, so it does nothing. GET /health lists what to correct.';
      return Promise.resolve(renderError(new GatewayError('misconfigured', message)));
    },
  });
}
