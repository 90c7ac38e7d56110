import { app } from '@azure/functions';
import { GatewayError } from '../errors.ts';
import { renderError } from '../http/render.ts';

/** What every address begins with that needs settings, and what clients call whose base address is not complete. */
const BEGINNINGS = ['openai', 'chains', 'documents', 'jobs', 'webhooks', 'v1', 'responses'] as const;

/** With wrong settings nothing works, and every call hears so; what is wrong stands in `GET /health`. */
export function register(): void {
  for (const beginning of BEGINNINGS) {
    app.http(`misconfigured-${beginning}`, {
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      route: `${beginning}/{*path}`,
      authLevel: 'anonymous',
      handler: () => {
        const message =
          'The settings of this gateway are wrong, so it does nothing. GET /health lists what to correct.';
        return Promise.resolve(renderError(new GatewayError('misconfigured', message)));
      },
    });
  }
}
