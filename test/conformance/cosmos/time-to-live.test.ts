import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount, type Account } from './account.ts';
import { statusOf } from './status-of.ts';

describe('time to live', () => {
  let account: Account;

  beforeAll(async () => {
    account = await openAccount();
  });
  afterAll(() => account.close());

  it('of a container expires its items', async () => {
    const container = await account.container('expiring');
    await container.items.create({ id: 'short', pk: 'a' });
    await expect.poll(() => statusOf(container.item('short', 'a').read()), { timeout: 10_000 }).toBe(404);
  });

  it('of an item expires it, and only it', async () => {
    const container = await account.container('expiring-items');
    await container.items.create({ id: 'short', pk: 'a', ttl: 1 });
    await container.items.create({ id: 'lasting', pk: 'a' });
    await expect.poll(() => statusOf(container.item('short', 'a').read()), { timeout: 10_000 }).toBe(404);
    expect(await statusOf(container.item('lasting', 'a').read())).toBe(200);
  });
});
