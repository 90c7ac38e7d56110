import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unwatch } from '../support/answers/checked-fetch.ts';
import { newCaller, startWorld, type World } from '../support/world.ts';

/** The polling that an app has by default: tests look more often. */
const DEFAULT_POLLING = { POLL_INTERVAL_SECONDS: '2', POLL_MAX_INTERVAL_SECONDS: '30' };
export const POLL_INTERVAL_MS = 2_000;

/** A world with the three addresses that are compared: the simulator, a bare Node proxy in front of it, the gateway. */
export interface Stage {
  world: World;
  key: string;
  targets: { direct: string; proxy: string; gateway: string };
  post(target: string, body: Record<string, unknown>): Promise<Response>;
  get(target: string, path: string): Promise<Response>;
  stop(): Promise<void>;
}

export async function openStage(environment: Record<string, string> = {}): Promise<Stage> {
  const world = await startWorld({ environment: { ...DEFAULT_POLLING, ...environment } });
  // Tests hold every answer against the contract; here that would be most of what is measured.
  for (const address of [world.endpoints.gateway, world.endpoints.openai]) unwatch(address);
  const { key } = newCaller(world.endpoints);
  const proxy = await startProxy(new URL(world.endpoints.openai));
  const headers = { 'api-key': key, 'content-type': 'application/json' };
  const answered = async (answer: Promise<Response>): Promise<Response> => {
    const { ok, status } = await answer;
    if (!ok) throw new Error(`An answer of ${status}: ${await (await answer).text()}`);
    return answer;
  };
  return {
    world,
    key,
    targets: { direct: world.endpoints.openai, proxy: proxy.address, gateway: world.endpoints.gateway },
    post: (target, body) =>
      answered(
        fetch(`${target}/openai/v1/responses`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ model: 'gpt-4.1', ...body }),
        }),
      ),
    get: (target, path) => answered(fetch(`${target}/openai/v1/responses${path}`, { headers })),
    stop: async () => {
      proxy.stop();
      await world.stop();
    },
  };
}

async function startProxy(service: URL): Promise<{ address: string; stop(): void }> {
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url: path } = incoming;
    const call = forward({ host: service.hostname, port: service.port, method, headers, path }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(call);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
