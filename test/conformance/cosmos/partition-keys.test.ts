import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount, type Account } from './account.ts';
import { statusOf } from './status-of.ts';

describe('partition keys', () => {
  let account: Account;
  let tree: Container;

  beforeAll(async () => {
    account = await openAccount();
    tree = await account.container('hierarchical');
    await tree.items.create({ id: 'same', t: 't', u: 'u1', v: 1 });
    await tree.items.create({ id: 'same', t: 't', u: 'u2', v: 2 });
    await tree.items.create({ id: 'same', t: 't2', u: 'u1', v: 3 });
  });
  afterAll(() => account.close());

  it('of two levels keep items apart', async () => {
    expect((await tree.item('same', ['t', 'u2']).read()).resource).toMatchObject({ v: 2 });
    expect((await tree.item('same', ['t', 'u1']).read()).resource).toMatchObject({ v: 1 });
  });

  it('of two levels can be queried by the first', async () => {
    const query = tree.items.query('SELECT VALUE c.v FROM c ORDER BY c.v', { partitionKey: ['t'] });
    expect((await query.fetchAll()).resources).toEqual([1, 2]);
  });

  it('can be deleted with all their items', async () => {
    const container = await account.container('cleared-partition');
    await container.items.create({ id: 'gone', pk: 'a' });
    await container.items.create({ id: 'kept', pk: 'b' });
    await container.deleteAllItemsForPartitionKey('a');
    await expect.poll(() => statusOf(container.item('gone', 'a').read()), { timeout: 20_000 }).toBe(404);
    expect(await statusOf(container.item('kept', 'b').read())).toBe(200);
  });
});
