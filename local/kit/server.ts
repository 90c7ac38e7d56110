import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What every local server gives: where it answers, and a stop that may be called twice. */
export interface RunningServer {
  /** Base address without a trailing slash, with the port really bound: `http://127.0.0.1:40123`. */
  readonly address: string;
  readonly port: number;
  /** Closes the listener and every connection; resolves within `STOP_GRACE_MS`. Safe to call again. */
  stop(): Promise<void>;
}

export interface ListenOptions {
  /** 0 (the default) takes a free port. */
  port?: number;
  /** PEM pair; with it the server speaks https. */
  tls?: { cert: string; key: string };
}

/** How long open requests may finish after `stop()`. */
const STOP_GRACE_MS = 300;

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/**
 * Starts a loopback server and resolves once it is bound.
 * @throws the `listen` error (EADDRINUSE, EACCES) when the port cannot be had.
 */
export async function listen(handler: Handler, options: ListenOptions = {}): Promise<RunningServer> {
  const listener: RequestListener = (request, response) => void handler(request, response);
  const server = options.tls ? createHttpsServer(options.tls, listener) : createHttpServer(listener);
  // Node's default of 300 s would cut a long upload or stream.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await bind(server, options.port ?? 0);
  const port = (server.address() as AddressInfo).port;
  let stopping: Promise<void> | undefined;
  return {
    address: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    stop: () => (stopping ??= close(server)),
  };
}

function bind(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections();
    }, STOP_GRACE_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
