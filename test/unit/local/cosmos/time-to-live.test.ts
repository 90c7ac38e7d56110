/* eslint @typescript-eslint/no-unsafe-class-instance-assignment: off -- the client's factory and its option differ in type */
import { ChangeFeedStartFrom, type Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createItem } from '../../../../local/cosmos/documents/operations.ts';
import { Catalog } from '../../../../local/cosmos/store/catalog.ts';
import { openDatabase } from '../../../../local/cosmos/store/open.ts';
import { statusOf } from '../../../conformance/cosmos/status-of.ts';
import { startAccount, type TestAccount } from './account.ts';

describe('the sweep', () => {
  it('removes what has expired from the file, and nothing else', () => {
    const db = openDatabase(':memory:');
    let now = Date.UTC(2026, 0, 1);
    const catalog = new Catalog(db, () => now);
    catalog.createDatabase({ id: 'd' });
    const container = catalog.createContainer('d', { id: 'c', partitionKey: { paths: ['/pk'] }, defaultTtl: 100 });
    createItem(container, undefined, { id: 'short', pk: 'a' });
    createItem(container, undefined, { id: 'ever', pk: 'a', ttl: -1 });
    const stored = () => db.prepare(`SELECT id FROM documents_${container.number}`).all();
    now += 99_000;
    catalog.sweep();
    expect(stored()).toHaveLength(2);
    now += 1_000;
    catalog.sweep();
    expect(stored()).toEqual([{ id: 'ever' }]);
    catalog.close();
  });
});

describe('time to live, with the clock moved by the test', () => {
  let account: TestAccount;

  beforeAll(async () => {
    account = await startAccount();
  });
  afterAll(() => account.stop());

  const advance = (seconds: number) => account.control('POST', 'clock', { advanceMs: 1000 * seconds });
  const status = (container: Container, id: string) => statusOf(container.item(id, 'a').read());
  const define = (defaultTtl?: number) =>
    account.container({ partitionKey: { paths: ['/pk'] }, ...(defaultTtl !== undefined && { defaultTtl }) });

  it('an item outlives the container default with a longer ttl, or with -1', async () => {
    const container = await define(100);
    await container.items.create({ id: 'default', pk: 'a' });
    await container.items.create({ id: 'longer', pk: 'a', ttl: 1000 });
    await container.items.create({ id: 'ever', pk: 'a', ttl: -1 });
    await advance(101);
    expect(await status(container, 'default')).toBe(404);
    expect(await status(container, 'longer')).toBe(200);
    await advance(1000);
    expect(await status(container, 'longer')).toBe(404);
    expect(await status(container, 'ever')).toBe(200);
  });

  it('a container without a default ignores the ttl of items', async () => {
    const container = await define();
    await container.items.create({ id: 'kept', pk: 'a', ttl: 10 });
    await advance(11);
    expect(await status(container, 'kept')).toBe(200);
  });

  it('counts from the last write', async () => {
    const container = await define(100);
    await container.items.create({ id: 'touched', pk: 'a' });
    await advance(60);
    await container.items.upsert({ id: 'touched', pk: 'a' });
    await advance(60);
    expect(await status(container, 'touched')).toBe(200);
  });

  it('hides expired items from queries, counts and the change feed, and frees their ids and unique keys', async () => {
    const container = await account.container({
      partitionKey: { paths: ['/pk'] },
      defaultTtl: 100,
      uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/email'] }] },
    });
    await container.items.create({ id: 'old', pk: 'a', email: 'e' });
    await advance(101);
    expect((await container.items.readAll().fetchAll()).resources).toEqual([]);
    expect((await container.items.query('SELECT VALUE COUNT(1) FROM c').fetchAll()).resources).toEqual([0]);
    const feed = container.items.getChangeFeedIterator({ changeFeedStartFrom: ChangeFeedStartFrom.Beginning() });
    expect((await feed.readNext()).statusCode).toBe(304);
    expect(await statusOf(container.items.create({ id: 'old', pk: 'a', email: 'e' }))).toBe(201);
  });

  it('follows a changed default, for items that are there too', async () => {
    const container = await define(-1);
    await container.items.create({ id: 'item', pk: 'a' });
    const { resource } = await container.read();
    await container.replace({ ...resource!, defaultTtl: 50 });
    await advance(51);
    expect(await status(container, 'item')).toBe(404);
  });

  it.each([0, -2, 1.5, 'long', 2 ** 31])('refuses the ttl %j', async (ttl) => {
    const container = await define(-1);
    expect(await statusOf(container.items.create<Record<string, unknown>>({ id: 'wrong', pk: 'a', ttl }))).toBe(400);
  });
});
