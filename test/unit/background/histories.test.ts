import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvocationContext } from '@azure/functions';
import { afterEach, expect, it } from 'vitest';
import { historiesOf } from '../../../src/background/histories.ts';
import { durableClient } from '../../../src/background/starter.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** The extension's own door for clients, with what it answers to each call in turn. */
async function extension(answer: (call: string) => { status: number; body?: unknown }): Promise<InvocationContext> {
  const listening = createServer((request: IncomingMessage, response) => {
    const path = new URL(request.url ?? '', 'http://host').pathname;
    const { status, body } = answer(`${request.method} ${path}`);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? null));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const context = new InvocationContext({ options: { extraInputs: [durableClient] } });
  const rpcBaseUrl = `http://127.0.0.1:${port}/`;
  context.extraInputs.set(durableClient, { taskHubName: 'hub', creationUrls: {}, managementUrls: {}, rpcBaseUrl });
  return context;
}

const statusOf = (runtimeStatus: string): object => ({
  name: 'runResponse',
  instanceId: 'resp_1',
  createdTime: '2026-11-30T00:00:00Z',
  lastUpdatedTime: '2026-11-30T00:00:00Z',
  input: null,
  output: null,
  runtimeStatus,
});

it('removes the history of a run that ends by itself while it is told to, which the extension refuses', async () => {
  const calls: string[] = [];
  const context = await extension((call) => {
    calls.push(call);
    if (call === 'GET /instances/resp_1') {
      return calls.length === 1
        ? { status: 202, body: statusOf('Running') }
        : { status: 200, body: statusOf('Completed') };
    }
    return call.startsWith('POST') ? { status: 500 } : { status: 200, body: { instancesDeleted: 1 } };
  });
  await historiesOf(context).remove('resp_1');
  expect(calls).toEqual([
    'GET /instances/resp_1',
    'POST /instances/resp_1/terminate',
    'GET /instances/resp_1',
    'DELETE /instances/resp_1',
  ]);
});
