import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayManage, openAccount, type Account } from './account.ts';
import { statusOf } from './status-of.ts';

// Skipped with a token: no role of the data plane may define containers.
describe.skipIf(!mayManage)('databases and containers', () => {
  let account: Account;
  let defined: Container;

  beforeAll(async () => {
    account = await openAccount();
    const { container } = await account.database.containers.create({
      id: 'defined',
      partitionKey: { paths: ['/pk'] },
      defaultTtl: 60,
      indexingPolicy: {
        indexingMode: 'consistent',
        includedPaths: [{ path: '/*' }],
        excludedPaths: [{ path: '/big/*' }],
      },
    });
    defined = container;
  });
  afterAll(() => account.close());

  it('creates a database and a container twice without complaint', async () => {
    const { client, database } = account;
    expect((await client.databases.createIfNotExists({ id: database.id })).statusCode).toBe(200);
    const create = () => database.containers.createIfNotExists({ id: 'twice', partitionKey: { paths: ['/pk'] } });
    expect((await create()).statusCode).toBe(201);
    expect((await create()).statusCode).toBe(200);
  });

  it('refuses to create a container that exists', async () => {
    const again = account.database.containers.create({ id: 'defined', partitionKey: { paths: ['/pk'] } });
    expect(await statusOf(again)).toBe(409);
  });

  it('gives the definition of a container back, with indexing policy and TTL', async () => {
    const { resource } = await defined.read();
    expect(resource?.defaultTtl).toBe(60);
    expect(resource?.indexingPolicy?.excludedPaths?.map(({ path }) => path)).toContain('/big/*');
  });

  it('replaces the definition of a container', async () => {
    const { resource } = await defined.read();
    const replaced = await defined.replace({ ...resource!, defaultTtl: 120 });
    expect(replaced.resource?.defaultTtl).toBe(120);
  });

  it('creates a container with throughput, which can be read', async () => {
    const { container } = await account.database.containers.create({
      id: 'provisioned',
      partitionKey: { paths: ['/pk'] },
      throughput: 400,
    });
    expect((await container.readOffer()).resource?.content?.offerThroughput).toBe(400);
  });

  it('accepts a maximum for automatic throughput', async () => {
    const created = account.database.containers.create({
      id: 'automatic',
      partitionKey: { paths: ['/pk'] },
      maxThroughput: 4000,
    });
    expect(await statusOf(created)).toBe(201);
  });

  it('lists and queries containers', async () => {
    const { containers } = account.database;
    const all = await containers.readAll().fetchAll();
    expect(all.resources.map(({ id }) => id)).toContain('defined');
    const parameters = [{ name: '@id', value: 'defined' }];
    const query = { query: 'SELECT * FROM root r WHERE r.id = @id', parameters };
    expect((await containers.query<{ id: string }>(query).fetchAll()).resources.map(({ id }) => id)).toEqual([
      'defined',
    ]);
  });
});
