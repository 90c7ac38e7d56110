import { historiesOf } from '../background/histories.ts';
import { durableClient } from '../background/starter.ts';
import { ok } from '../http/answer.ts';
import { listOf, readPage } from '../http/paging.ts';
import { route } from '../http/route.ts';
import type { Services } from '../services.ts';

export function register({ http, chains }: Services): void {
  route(http, 'listChains', ['GET'], 'chains', async ({ owner, url }) => {
    const { data, hasMore } = await chains.list(owner, readPage(url));
    return ok(listOf(data, hasMore));
  });

  route(http, 'getChain', ['GET'], 'chains/{id}', async ({ owner, params }) =>
    ok(await chains.tree(owner, params.id ?? '')),
  );

  route(
    http,
    'deleteChain',
    ['DELETE'],
    'chains/{id}',
    async ({ owner, params, context }) => {
      const id = params.id ?? '';
      const removed = await chains.remove(owner, id, historiesOf(context));
      return ok({ id, object: 'chain', deleted: true, removed });
    },
    { extraInputs: [durableClient] },
  );
}
