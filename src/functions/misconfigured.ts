import { GatewayError } from '../errors.ts';
import { renderError } from '../http/render.ts';
import { openRoute } from '../http/route.ts';

/** What every address begins with that needs settings, and what clients call whose base address is not complete. */
const BEGINNINGS = ['openai', 'chains', 'documents', 'jobs', 'webhooks', 'v1', 'responses'] as const;

/** With wrong settings nothing works, and every call hears so; what is wrong stands in `GET /health`. */
export function register(): void {
  const message = 'The settings of this gateway are wrong, so it does nothing. GET /health lists what to correct.';
  const refusal = renderError(new GatewayError('misconfigured', message));
  for (const beginning of BEGINNINGS) {
    openRoute(`misconfigured-${beginning}`, ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], `${beginning}/{*path}`, refusal);
  }
}
