/**
 * What the embedded host adds to a request: its time against that of the smallest possible caller of `@azure/functions`
 * (decode, run, encode, nothing else), as CPU time of the serving thread. Not a test: `node test/bench/host-overhead.ts`.
 */
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Worker } from 'node:worker_threads';
import { loadApp } from '../../local/host/core/loaded-app.ts';
import { startHost } from '../../local/host/host.ts';
import { listen } from '../../local/kit/server.ts';
import { writeApp } from '../host/support/example-app.ts';
import type { Load } from './load-generator.ts';

const CONNECTIONS = 32;
const WARM_UP = 2_000;
const REQUESTS = 5_000;
const ROUNDS = 3;

const code = (streams: boolean): string => `
  const { app } = require('@azure/functions');
  app.setup({ enableHttpStream: ${streams} });
  app.http('hello', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: 'hello' }) });`;

/** Sends requests from another thread; gives this thread's CPU time for each (us) and the median time (ms). */
async function measure(address: string, connections: number, count: number): Promise<{ cpu: number; p50: number }> {
  const load: Load = { url: `${address}/api/hello`, connections, count };
  const before = process.threadCpuUsage();
  const worker = new Worker(new URL('load-generator.ts', import.meta.url), { workerData: load });
  const [p50]: unknown[] = await once(worker, 'message');
  const { user, system } = process.threadCpuUsage(before);
  return { cpu: (user + system) / count, p50: Number(p50) };
}

/** The library and nothing else: no routes, no keys, no hooks, no outputs. */
async function startFloor(appFolder: string): Promise<{ address: string; stop(): Promise<void> }> {
  const app = await loadApp(appFolder, () => undefined);
  const [fn] = app.registrations.functions.values();
  if (!fn) throw new Error('The app has no function.');
  const { name, id: functionId, bindings } = fn;
  let next = 0;
  return listen(async (incoming: IncomingMessage, response: ServerResponse) => {
    const invocationId = String((next += 1));
    const http = { url: `http://localhost${incoming.url ?? ''}`, method: 'GET', headers: {}, query: {}, params: {} };
    const streamServer: Server | undefined = app.streamServer;
    if (streamServer) {
      Object.assign(incoming.headers, {
        'x-ms-invocation-id': invocationId,
        'x-forwarded-host': 'localhost',
        'x-forwarded-proto': 'http',
      });
      streamServer.emit('request', incoming, response);
    }
    const model = await app.model.getInvocationModel({
      invocationId,
      metadata: { name, functionId, bindings },
      request: {
        invocationId,
        functionId,
        inputData: [{ name: fn.trigger.name, data: { http: streamServer ? {} : http } }],
        triggerMetadata: {},
        traceContext: { traceParent: '', traceState: '', attributes: {} },
      },
      state: undefined,
      log: () => undefined,
    });
    const { context, inputs } = await model.getArguments();
    await model.getResponse(context, await model.invokeFunction(context, inputs, fn.callback));
    if (!streamServer) response.end('hello');
  });
}

async function bare(): Promise<{ address: string; stop(): Promise<void> }> {
  return listen((_incoming, response) => void response.end('hello'));
}

async function compare(title: string, start: () => Promise<{ address: string; stop(): Promise<void> }>): Promise<void> {
  const server = await start();
  await measure(server.address, CONNECTIONS, WARM_UP);
  let cpu = Infinity;
  let p50 = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    cpu = Math.min(cpu, (await measure(server.address, CONNECTIONS, REQUESTS)).cpu);
    p50 = Math.min(p50, (await measure(server.address, 1, REQUESTS / 10)).p50);
  }
  await server.stop();
  process.stdout.write(
    `${title.padEnd(28)} ${cpu.toFixed(0).padStart(5)} us CPU each; one at a time ${p50.toFixed(2)} ms\n`,
  );
}

await compare('bare node', bare);
for (const streams of [false, true]) {
  const mode = streams ? 'streamed' : 'buffered';
  const app = await writeApp({ 'package.json': '{ "main": "index.js" }', 'index.js': code(streams) }, true);
  await compare(`library alone, ${mode}`, () => startFloor(app.path));
  await compare(`host, ${mode}`, () => startHost({ appFolder: app.path, port: 0, log: () => undefined }));
  await app.remove();
}
process.exit(0);
