import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayManage, openAccount, type Account } from './account.ts';
import { statusOf } from './status-of.ts';

describe('account', () => {
  let account: Account;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount();
    container = await account.container('misc');
    await container.items.create({ id: 'one', pk: 'a' });
  });
  afterAll(() => account.close());

  it('gives a session token with a read', async () => {
    const { headers } = await container.item('one', 'a').read();
    expect(headers).toHaveProperty('x-ms-session-token');
  });

  it("tells a container's partition key and feed ranges", async () => {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the new name takes an object that callers cannot make
    expect((await container.getPartitionKeyDefinition()).resource?.paths).toEqual(['/pk']);
    expect((await container.getFeedRanges()).length).toBeGreaterThan(0);
  });

  it('finds no missing container', async () => {
    const missing = account.database.container('missing');
    expect(await statusOf(missing.items.create({ id: '1', pk: 'x' }))).toBe(404);
  });

  it.skipIf(!mayManage)('deletes a database', async () => {
    const { database } = await account.client.databases.create({ id: `${account.database.id}-second` });
    await database.delete();
    expect(await statusOf(database.read())).toBe(404);
  });
});
