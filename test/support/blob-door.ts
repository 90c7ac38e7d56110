import { readFile } from 'node:fs/promises';
import { request as forward, type RequestOptions } from 'node:https';
import { dirname, join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import { listen, type Handler } from '../../local/kit/server.ts';
import type { Endpoints } from '../../local/world/endpoints.ts';

/** Blob Storage's own words for it. */
const BUSY = '<?xml version="1.0" encoding="utf-8"?><Error><Code>ServerBusy</Code><Message>Busy.</Message></Error>';

/** A door in front of a world's Blob Storage that can be shut: Azurite itself has no faults to plan. */
export interface BlobDoor {
  /** For `DataStorage__blobServiceUri` of a second host. */
  readonly blobServiceUri: string;
  /** From now on requests whose method, path and query match are answered with 503, and never reach the store. */
  shut(requests: RegExp): void;
  open(): void;
  /** How many have been turned away since it was shut. */
  refused(): number;
  stop(): Promise<void>;
}

export async function startBlobDoor({ blob, caFile }: Endpoints): Promise<BlobDoor> {
  const [ca, key] = await Promise.all([readFile(caFile), readFile(join(dirname(caFile), 'key.pem'), 'utf8')]);
  const store = new URL(blob);
  let closed: RegExp | undefined;
  let refused = 0;
  const handle: Handler = (request, response) => {
    if (closed?.test(`${request.method ?? ''} ${request.url ?? ''}`) === true) {
      refused += 1;
      request.resume();
      response.writeHead(503, { 'x-ms-error-code': 'ServerBusy', 'content-type': 'application/xml' }).end(BUSY);
      return;
    }
    const { method, url, headers } = request;
    const order: RequestOptions = { host: store.hostname, port: store.port, method, path: url, headers, ca };
    const passed = forward(order, (answer: IncomingMessage) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  };
  const server = await listen(handle, { tls: { cert: ca.toString(), key } });
  return {
    blobServiceUri: `${server.address}${store.pathname}`,
    shut: (requests) => {
      closed = requests;
      refused = 0;
    },
    open: () => (closed = undefined),
    refused: () => refused,
    stop: () => server.stop(),
  };
}
