import { GatewayError } from '../errors.ts';
import type { Identify } from '../http/caller.ts';
import { imageForm } from '../http/image-form.ts';
import { rebuiltHeader } from '../http/rebuilt-header.ts';
import { json } from '../http/render.ts';
import { accepted } from '../http/respond-async.ts';
import { route } from '../http/route.ts';
import type { Services } from '../services.ts';

/** The link that `Prefer: respond-async` gives: 202 until the run has ended, then 200 with the response, whatever its status. */
export function register({ http, background }: Services): void {
  const door = { ...http, identify: ifKnown(http.identify) };
  route(door, 'getJob', ['GET'], 'jobs/{id}', async (call) => {
    const id = call.params.id ?? '';
    const token = call.url.searchParams.get('token') ?? undefined;
    const caller = { owner: call.owner === NOBODY ? undefined : call.owner, token };
    const job = await background.jobs.read(id, caller, imageForm(call));
    if (!job.done) return accepted(call, { id, token, ...job });
    return json(200, job.response, { 'cache-control': 'no-store', ...rebuiltHeader(job.rebuilt) });
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
