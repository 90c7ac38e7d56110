import { randomUUID } from 'node:crypto';
import { CosmosClient, PartitionKeyBuilder, type Container, type ContainerRequest, type Database } from '@azure/cosmos';
import { DefaultAzureCredential } from '@azure/identity';
import { expect, it } from 'vitest';
import { GAPS, type Gap } from '../../../local/cosmos/refusals.ts';
import { startCosmos } from '../../../local/cosmos/server.ts';
import { CONTAINERS, type ContainerName } from './containers.ts';

/**
 * The account under test: the stand-in, or a real one named by COSMOS_TEST_ENDPOINT, with COSMOS_TEST_KEY or, without
 * it, the credential of whoever runs the tests (which needs the built-in Data Contributor role).
 */
const { COSMOS_TEST_ENDPOINT: endpoint, COSMOS_TEST_KEY: key } = process.env;

const againstStandIn = endpoint === undefined;

/** Databases and containers can be made only with a key. */
export const mayManage = againstStandIn || key !== undefined;

export interface Account {
  client: CosmosClient;
  database: Database;
  /** An empty container, defined as the table says. */
  container(name: ContainerName): Promise<Container>;
  /** Removes what the tests made. */
  close(): Promise<void>;
}

export async function openAccount(): Promise<Account> {
  if (endpoint === undefined) {
    const server = await startCosmos();
    const client = new CosmosClient({ endpoint: server.address, key: server.key });
    return accountWithKey(client, () => server.stop());
  }
  if (key !== undefined) return accountWithKey(new CosmosClient({ endpoint, key }), () => Promise.resolve());
  const client = new CosmosClient({ endpoint, aadCredentials: new DefaultAzureCredential() });
  const database = client.database('conformance');
  return {
    client,
    database,
    container: (name) => emptied(database.container(name)),
    close: () => {
      client.dispose();
      return Promise.resolve();
    },
  };
}

async function accountWithKey(client: CosmosClient, stop: () => Promise<void>): Promise<Account> {
  const { database } = await client.databases.create({ id: `conformance-${randomUUID()}` });
  return {
    client,
    database,
    async container(name) {
      // The client empties parts of the request it is given.
      const request: ContainerRequest = structuredClone(CONTAINERS[name]);
      return (await database.containers.create({ id: name, ...request })).container;
    },
    async close() {
      await database.delete();
      client.dispose();
      await stop();
    },
  };
}

async function emptied(container: Container): Promise<Container> {
  const { resource } = await container.read();
  const paths = resource?.partitionKey?.paths ?? [];
  const items = await container.items.readAll<Record<string, unknown>>().fetchAll();
  for (const item of items.resources) {
    const key = new PartitionKeyBuilder();
    for (const path of paths) addPart(key, at(item, path.slice(1).split('/')));
    await container.item(String(item.id), key.build()).delete();
  }
  return container;
}

function addPart(key: PartitionKeyBuilder, value: unknown): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') key.addValue(value);
  else if (value === null) key.addNullValue();
  else key.addNoneValue();
}

function at(item: unknown, path: readonly string[]): unknown {
  return path.reduce((value, name) => (isRecord(value) ? value[name] : undefined), item);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/**
 * A check that the stand-in declares not to pass: there it must be refused, in the declared words. Against a real
 * account the check itself runs.
 */
export function declaredGap(gap: keyof typeof GAPS, title: string, check: () => Promise<unknown>): void {
  if (!againstStandIn) {
    it(title, check);
    return;
  }
  const { operation, status, reason }: Gap = GAPS[gap];
  it(`${title}: refused (${reason})`, async () => {
    await expect(check()).rejects.toMatchObject({
      code: status,
      message: expect.stringContaining(operation) as string,
    });
  });
}
