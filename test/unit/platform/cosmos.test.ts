import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BulkOperationType, CosmosClient, type Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isStoreBusy } from '../../../src/platform/cosmos.ts';

/** What the store does with every request but the client's first look at the account. */
let behave: (request: IncomingMessage, response: ServerResponse) => void;
let store: Server;
let client: CosmosClient;
let container: Container;

beforeAll(async () => {
  store = createServer((request, response) => {
    if (request.url !== '/') {
      behave(request, response);
      return;
    }
    const locations = [{ name: 'here', databaseAccountEndpoint: addressOf(store) }];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: 'a', writableLocations: locations, readableLocations: locations }));
  });
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
  client = new CosmosClient({ endpoint: addressOf(store), key: 'a2V5' });
  container = client.database('gateway').container('chains');
});
afterAll(() => {
  client.dispose();
  store.closeAllConnections();
  store.close();
});

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

/** What the SDK throws for a batch: other calls are repeated for seconds first. */
const errorOfBatch = (): Promise<unknown> =>
  container.items.batch([{ operationType: BulkOperationType.Read, id: 'a' }], 'chain').then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a store is busy, and that is no fault of the gateway', () => {
  it('when it hangs up', async () => {
    behave = (request) => request.socket.destroy();
    expect(isStoreBusy(await errorOfBatch())).toBe(true);
  });

  it('when it throttles', async () => {
    behave = (_request, response) => response.writeHead(429, { 'x-ms-retry-after-ms': '0' }).end('{}');
    expect(isStoreBusy(await errorOfBatch())).toBe(true);
  });

  it('but not when it refuses', async () => {
    behave = (_request, response) => response.writeHead(400).end('{}');
    const error = await errorOfBatch();
    expect(error).toBeInstanceOf(Error);
    expect(isStoreBusy(error)).toBe(false);
  });
});
