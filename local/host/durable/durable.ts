import { mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { listen } from '../../kit/server.ts';
import { describe } from '../core/hosted-app.ts';
import type { ApiRequest, ApiResponse, DeliverOutputs, Durable, FunctionApp, HostLog } from '../core/types.ts';
import { Engine } from './engine/engine.ts';
import { clientPayload, WEBHOOK_PATH, type ClientAddress } from './management/client-payload.ts';
import { answer } from './management/routes.ts';
import type { DurableSettings } from './settings.ts';
import { Store } from './store/store.ts';

export interface DurableOptions {
  app: FunctionApp;
  deliverOutputs: DeliverOutputs;
  log: HostLog;
  /** The task hub, as one SQLite file; made when it is missing. */
  storeFile: string;
  hubName: string;
  settings: DurableSettings;
  /** Where callers reach the host, without a path: `http://127.0.0.1:7071`. Asked at each use. */
  publicBase: () => string;
  /** Key that the host asks of callers of the management API; put into the links. */
  systemCode?: string;
}

/** Where the SDK's own calls arrive on the loopback listener. */
const RPC_PATH = '/durabletask';

/**
 * Durable Functions for a loaded app: the .NET side of the SDK `durable-functions`. Runs nothing before `start()`.
 * @throws Error when another host uses the task hub
 */
export async function createDurable(options: DurableOptions): Promise<Durable> {
  const { app, deliverOutputs, log, storeFile, hubName, settings, publicBase, systemCode } = options;
  mkdirSync(dirname(storeFile), { recursive: true });
  const store = new Store(storeFile);
  const engine = new Engine({ app, store, deliverOutputs, log, settings });
  const address = (origin: string): ClientAddress => ({ origin, hubName, systemCode });
  const rpc = await listen(async (request, response) => {
    try {
      const call = await readRequest(request);
      const path = call.url.pathname.slice(RPC_PATH.length);
      send(response, await answer(engine, call, address(publicBase()), path));
    } catch (error) {
      log('error', 'Host.Durable', describe(error));
      response.writeHead(500).end();
    }
  }).catch((error: unknown) => {
    store.close();
    throw error;
  });
  const stop = async (): Promise<void> => {
    // Functions that still run may call their client.
    await engine.stop();
    await rpc.stop();
    store.close();
  };
  let stopping: Promise<void> | undefined;
  return {
    start: () => engine.start(),
    stop: () => (stopping ??= stop()),
    clientPayload: () => clientPayload(address(publicBase()), `${rpc.address}${RPC_PATH}/`),
    handle: (request) =>
      answer(engine, request, address(request.url.origin), request.url.pathname.slice(WEBHOOK_PATH.length)),
  };
}

async function readRequest(request: IncomingMessage): Promise<ApiRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    if (chunk instanceof Buffer) chunks.push(chunk);
  }
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = value?.toString();
  return {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`),
    headers,
    body: Buffer.concat(chunks),
  };
}

function send(response: ServerResponse, { status, headers, body = '' }: ApiResponse): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
