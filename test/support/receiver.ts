import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { note } from './answers/checked-fetch.ts';
import { faultsOfWebhook } from './answers/judge.ts';

const HOOKS = '/hooks';

/** One call of the webhook. */
export interface Hook {
  /** When it came (ms). */
  at: number;
  headers: Record<string, string>;
  body: string;
}

/** The receiver of a webhook, as somebody else would write it, but that what comes is held against docs/openapi.yaml. */
export interface Receiver {
  readonly address: string;
  readonly secret: string;
  /** What it answers from now on. */
  answer(status: number): void;
  /** The next call about this response gets no answer. */
  ignoreNext(responseId: string): void;
  /** The calls about a response. */
  about(responseId: string): Hook[];
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const hooks: Hook[] = [];
  let status = 200;
  let ignored: string | undefined;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const pairs = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
      const headers = Object.fromEntries(pairs);
      if (request.url === HOOKS) note(`the webhook ${headers['webhook-id'] ?? ''}`, faultsOfWebhook(headers, body));
      hooks.push({ at: Date.now(), headers, body });
      if (ignored !== undefined && body.includes(ignored)) {
        ignored = undefined;
        return;
      }
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}${HOOKS}`,
    secret: `whsec_${randomBytes(24).toString('base64')}`,
    answer: (next) => (status = next),
    ignoreNext: (id) => (ignored = id),
    about: (id) => hooks.filter(({ body }) => body.includes(id)),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
