/* eslint @typescript-eslint/no-unsafe-class-instance-assignment: off -- the client's factory and its option differ in type */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ChangeFeedStartFrom, CosmosClient } from '@azure/cosmos';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCosmos } from '../../../../local/cosmos/server.ts';
import { statusOf } from '../../../conformance/cosmos/status-of.ts';

describe('the data file', () => {
  let folder: string;
  let dataFile: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cosmos-'));
    dataFile = join(folder, 'data.sqlite');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Starts on the file, lets `use` work with it, and stops. */
  async function session<T>(use: (client: CosmosClient) => Promise<T>): Promise<T> {
    const server = await startCosmos({ dataFile });
    const client = new CosmosClient({ endpoint: server.address, key: server.key });
    try {
      return await use(client);
    } finally {
      client.dispose();
      await server.stop();
    }
  }

  const open = (client: CosmosClient) => client.database('d').container('c');

  async function define(client: CosmosClient) {
    const { database } = await client.databases.create({ id: 'd' });
    const { container } = await database.containers.create({
      id: 'c',
      partitionKey: { paths: ['/pk'] },
      defaultTtl: -1,
      uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/email'] }] },
      throughput: 400,
    });
    return container;
  }

  it('brings everything back: definitions, items, tags, functions, throughput', async () => {
    const before = await session(async (client) => {
      const container = await define(client);
      await container.scripts.userDefinedFunctions.create({ id: 'double', body: 'function (x) { return 2 * x; }' });
      await container.items.create({ id: '1', pk: 'a', email: 'e', n: 4 });
      await container.items.query('SELECT * FROM c ORDER BY c.n', { partitionKey: 'a' }).fetchAll();
      return { item: (await container.item('1', 'a').read()).resource, definition: (await container.read()).resource };
    });
    await session(async (client) => {
      const container = open(client);
      expect((await container.item('1', 'a').read()).resource).toEqual(before.item);
      expect((await container.read()).resource).toEqual(before.definition);
      expect((await container.readOffer()).resource?.content?.offerThroughput).toBe(400);
      const doubled = container.items.query('SELECT VALUE udf.double(c.n) FROM c ORDER BY c.n', { partitionKey: 'a' });
      expect((await doubled.fetchAll()).resources).toEqual([8]);
      expect(await statusOf(container.items.create({ id: '2', pk: 'a', email: 'e' }))).toBe(409);
    });
  });

  it('never uses a number twice: a change feed goes on where it was, also after deletes', async () => {
    const readChanges = async (client: CosmosClient, changeFeedStartFrom: ChangeFeedStartFrom) => {
      const feed = open(client).items.getChangeFeedIterator<{ id: string }>({ changeFeedStartFrom });
      const page = await feed.readNext();
      return { ids: page.result.map(({ id }) => id), token: page.continuationToken };
    };
    const { token } = await session(async (client) => {
      const container = await define(client);
      await container.items.create({ id: '1', pk: 'a', email: '1' });
      await container.items.create({ id: '2', pk: 'a', email: '2' });
      const seen = await readChanges(client, ChangeFeedStartFrom.Beginning('a'));
      await container.item('2', 'a').delete();
      await container.item('1', 'a').delete();
      return seen;
    });
    await session(async (client) => {
      await open(client).items.create({ id: '3', pk: 'a', email: '3' });
      expect((await readChanges(client, ChangeFeedStartFrom.Continuation(token))).ids).toEqual(['3']);
    });
  });

  it('belongs to one process at a time', async () => {
    const server = await startCosmos({ dataFile });
    await expect(startCosmos({ dataFile })).rejects.toThrow(/is another one running on it/);
    await server.stop();
    await (await startCosmos({ dataFile })).stop();
  });

  it('says what is wrong with it: no folder, another version', async () => {
    await expect(startCosmos({ dataFile: join(folder, 'missing', 'data.sqlite') })).rejects.toThrow(/folder exist/);
    const db = new DatabaseSync(dataFile);
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(startCosmos({ dataFile })).rejects.toThrow(/another version/);
  });

  it('keeps every acknowledged write when the process is killed', async () => {
    const child = fork(new URL('killed-writer.ts', import.meta.url), [dataFile]);
    const acknowledged: string[] = [];
    child.on('message', (id) => {
      if (typeof id === 'string') acknowledged.push(id);
    });
    await expect.poll(() => acknowledged.length, { timeout: 25_000 }).toBeGreaterThan(200);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const stored = await session(async (client) => {
      const query = open(client).items.query<string>('SELECT VALUE c.id FROM c', { partitionKey: 'a' });
      return (await query.fetchAll()).resources;
    });
    expect(stored).toEqual(expect.arrayContaining(acknowledged));
  });
});
