import { GatewayError } from '../errors.ts';
import type { Identify } from '../http/caller.ts';
import { json } from '../http/render.ts';
import { accepted } from '../http/respond-async.ts';
import { route } from '../http/route.ts';
import type { Services } from '../platform/services.ts';

/** The link that `Prefer: respond-async` gives: 202 until the run has ended, then 200 with the response, whatever its status. */
export function register({ http, background }: Services): void {
  const door = { ...http, identify: ifKnown(http.identify) };
  route(door, 'getJob', ['GET'], 'jobs/{id}', async ({ owner, params, url, base }) => {
    const id = params.id ?? '';
    const token = url.searchParams.get('token') ?? undefined;
    const job = await background.jobs.read(id, { owner: owner === NOBODY ? undefined : owner, token });
    return job.done ? json(200, job.response, { 'cache-control': 'no-store' }) : accepted(base, { id, token, ...job });
  });
}

const NOBODY = '';

/** Logic Apps may drop its credentials, or keep sending them, when it follows a link: the token is enough. */
const ifKnown =
  (identify: Identify): Identify =>
  async (headers) => {
    try {
      return await identify(headers);
    } catch (error) {
      if (error instanceof GatewayError && error.fault === 'caller') return NOBODY;
      throw error;
    }
  };
