import { randomUUID } from 'node:crypto';
import { CosmosClient, type Container, type ContainerRequest } from '@azure/cosmos';
import { startCosmos, type CosmosOptions } from '../../../../local/cosmos/server.ts';

export interface TestAccount {
  address: string;
  client: CosmosClient;
  /** A new container of its own; by default with the partition key /pk. */
  container(definition?: ContainerRequest): Promise<Container>;
  /** Steers the stand-in through its control door and gives the answer's body. */
  control(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts a stand-in with its control door open, and a client of it that does not wait long when it is refused. */
export async function startAccount(options: CosmosOptions = {}): Promise<TestAccount> {
  const server = await startCosmos({ control: true, ...options });
  const client = new CosmosClient({
    endpoint: server.address,
    key: server.key,
    connectionPolicy: { retryOptions: { maxRetryAttemptCount: 0 } },
  });
  const { database } = await client.databases.createIfNotExists({ id: 'test' });
  return {
    address: server.address,
    client,
    container: async (definition = { partitionKey: { paths: ['/pk'] } }) =>
      (await database.containers.create({ id: `c-${randomUUID()}`, ...definition })).container,
    async control(method, path, body) {
      const answer = await fetch(`${server.address}/_control/${path}`, { method, body: JSON.stringify(body) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status} ${text}`);
      const answered: unknown = text === '' ? undefined : JSON.parse(text);
      return answered;
    },
    async stop() {
      client.dispose();
      await server.stop();
    },
  };
}
