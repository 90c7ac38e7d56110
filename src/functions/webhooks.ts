import { ok } from '../http/answer.ts';
import { listOf, readPage } from '../http/paging.ts';
import { route } from '../http/route.ts';
import type { Services } from '../services.ts';

/** What the receiver of the webhook has not taken yet, and how to send it again. */
export function register({ http, background }: Services): void {
  route(http, 'listDeliveries', ['GET'], 'webhooks/deliveries', async ({ owner, url }) => {
    const { data, hasMore } = await background.webhooks.list(owner, readPage(url));
    return ok(listOf(data, hasMore));
  });

  route(http, 'replayDelivery', ['POST'], 'webhooks/deliveries/{id}/replay', async ({ owner, params }) =>
    ok(await background.webhooks.replay(owner, params.id ?? '')),
  );
}
