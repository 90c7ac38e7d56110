import type { Container, PartitionKey } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount, type Account } from './account.ts';
import { statusOf } from './status-of.ts';

describe('items', () => {
  let account: Account;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount();
    container = await account.container('items');
    await container.items.create({ id: 'first', pk: 'a', n: 1 });
  });
  afterAll(() => account.close());

  it('creates one: 201, with entity tag, time and request charge', async () => {
    const created = await container.items.create({ id: 'created', pk: 'a' });
    expect(created.statusCode).toBe(201);
    expect(created.etag).toMatch(/^".+"$/);
    expect(created.resource).toMatchObject({ _etag: created.etag, _ts: expect.any(Number) as number });
    expect(created.requestCharge).toBeGreaterThan(0);
  });

  it('refuses an id that is taken', async () => {
    expect(await statusOf(container.items.create({ id: 'first', pk: 'a' }))).toBe(409);
  });

  it('allows the same id in another partition', async () => {
    expect(await statusOf(container.items.create({ id: 'first', pk: 'b' }))).toBe(201);
  });

  it('creates one without an id: the client makes a UUID', async () => {
    const { resource } = await container.items.create<{ id?: string; pk: string }>({ pk: 'a' });
    expect(resource?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('reads one', async () => {
    const read = await container.item('first', 'a').read();
    expect(read.statusCode).toBe(200);
    expect(read.resource).toMatchObject({ id: 'first', n: 1 });
  });

  it('finds no missing one', async () => {
    expect(await statusOf(container.item('missing', 'a').read())).toBe(404);
  });

  it('finds none in the wrong partition', async () => {
    expect(await statusOf(container.item('first', 'elsewhere').read())).toBe(404);
  });

  it('upserts: 201 for a new one, 200 for one that was there', async () => {
    expect(await statusOf(container.items.upsert({ id: 'upserted', pk: 'a', v: 1 }))).toBe(201);
    expect(await statusOf(container.items.upsert({ id: 'upserted', pk: 'a', v: 2 }))).toBe(200);
    expect((await container.item('upserted', 'a').read()).resource).toMatchObject({ v: 2 });
  });

  it('replaces one and changes its tag', async () => {
    const before = await container.items.create({ id: 'replaced', pk: 'a' });
    const after = await container.item('replaced', 'a').replace({ id: 'replaced', pk: 'a', v: 2 });
    expect(after.statusCode).toBe(200);
    expect(after.etag).not.toBe(before.etag);
  });

  it('replaces no missing one', async () => {
    expect(await statusOf(container.item('missing', 'a').replace({ id: 'missing', pk: 'a' }))).toBe(404);
  });

  it('deletes one: 204, then 404', async () => {
    await container.items.create({ id: 'deleted', pk: 'a' });
    expect(await statusOf(container.item('deleted', 'a').delete())).toBe(204);
    expect(await statusOf(container.item('deleted', 'a').delete())).toBe(404);
  });

  it.each(['a b', 'x%20y', 'p+q', 'ü-é', 'k=v&z', 'a.b:c|d', 'resp_abc-123'])('keeps the id %j', async (id) => {
    await container.items.create({ id, pk: 'special' });
    expect((await container.item(id, 'special').read()).resource).toMatchObject({ id });
  });

  it.each<PartitionKey>([5, 0, null, true, false, ''])('takes %j as a partition key', async (pk) => {
    const id = `key-${JSON.stringify(pk)}`;
    await container.items.create({ id, pk });
    expect(await statusOf(container.item(id, pk).read())).toBe(200);
  });

  it('takes an item without the partition key', async () => {
    expect(await statusOf(container.items.create({ id: 'no-key' }))).toBe(201);
  });

  it('takes a partition key inside an object', async () => {
    const nested = await account.container('nested-key');
    await nested.items.create({ id: 'inner', a: { b: 'x' } });
    expect(await statusOf(nested.item('inner', 'x').read())).toBe(200);
  });

  it('refuses an item over 2 MB', async () => {
    expect(await statusOf(container.items.create({ id: 'big', pk: 'a', s: 'x'.repeat(2_200_000) }))).toBe(413);
  });

  it('takes an item of 1.5 MB', async () => {
    expect(await statusOf(container.items.create({ id: 'large', pk: 'a', s: 'x'.repeat(1_500_000) }))).toBe(201);
  });
});
