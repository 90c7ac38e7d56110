import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe } from '../core/hosted-app.ts';
import { AppRestarted } from '../core/in-flight.ts';
import type { LoadedApp } from '../core/loaded-app.ts';
import type { HostLog } from '../core/types.ts';
import { answerBuffered } from './buffered.ts';
import type { HttpCall, InvokeFunction } from './call.ts';
import { applyCors, type CorsRules } from './cors.ts';
import type { KeyLevel, Keys } from './keys.ts';
import { BodyTooLarge, CallerGone, EMPTY } from './request-parts.ts';
import { findRoute, type AuthLevel, type Route } from './routes.ts';
import { answerStreamed } from './streamed.ts';

/** Answers below an address of the host's own. `rest` begins with a slash. */
export type Door = (
  request: IncomingMessage,
  response: ServerResponse,
  address: { url: URL; rest: string },
) => Promise<void>;

export interface FrontDoorOptions {
  /** Resolves when the app can take requests; rejects when it could not be loaded. */
  loaded: () => Promise<LoadedApp>;
  /** The routes of the app as it is loaded now. */
  routes: () => readonly Route[];
  invoke: InvokeFunction;
  log: HostLog;
  cors: CorsRules;
  /** host.json's `extensions.http.customHeaders`. */
  customHeaders: Readonly<Record<string, string>>;
  /** undefined: every request is let in, as Core Tools do. */
  keys: () => Keys | undefined;
  /** `/runtime/webhooks/<name>/...` */
  webhooks: () => Readonly<Record<string, Door>>;
  /** `/admin/...` */
  admin: Door;
}

const WEBHOOK = /^\/runtime\/webhooks\/([^/]+)(\/.*)?$/i;
const ADMIN = /^\/admin(\/.*)$/i;

/** Where a browser looks first, unless a function answers there. In Azure it is a page of Microsoft's that says as much. */
const HOME_PAGE = 'The Functions app is up and running. GET /admin/functions lists what it answers.\n';

/** Takes every request of the host: webhooks, admin, functions. */
export function createFrontDoor(
  options: FrontDoorOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { log } = options;
  return async (request, response) => {
    try {
      await dispatch(options, request, response);
    } catch (error) {
      if (error instanceof BodyTooLarge) end(response, 413);
      else if (error instanceof CallerGone) response.destroy();
      else {
        log('error', 'Host.Http', describe(error));
        if (!response.writableEnded) end(response, 500);
      }
    }
  };
}

async function dispatch(options: FrontDoorOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = absoluteUrl(request);
  if (!url) {
    end(response, 400);
    return;
  }
  for (const [name, value] of Object.entries(options.customHeaders)) response.setHeader(name, value);
  const [, webhook, rest = '/'] = WEBHOOK.exec(url.pathname) ?? [];
  if (webhook !== undefined) return answerWebhook(options, request, response, { url, rest, webhook });
  const admin = ADMIN.exec(url.pathname)?.[1];
  if (admin !== undefined) {
    if (!mayEnter(options, request, url, 'admin')) {
      end(response, 401);
      return;
    }
    return options.admin(request, response, { url, rest: admin });
  }
  if (applyCors(options.cors, request, response)) return;
  return answerFunction(options, request, response, url);
}

async function answerFunction(
  options: FrontDoorOptions,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const loaded = await options.loaded().catch(() => undefined);
  if (!loaded) {
    endWithText(response, 503, 'The app could not be loaded: see the log of the host.\n');
    return;
  }
  const found = findRoute(options.routes(), request.method ?? 'GET', url.pathname);
  if (!found) {
    answerNoFunction(request, response, url);
    return;
  }
  const { route, params } = found;
  if (!mayEnter(options, request, url, route.authLevel, route.fn.name)) {
    end(response, 401);
    return;
  }
  const call: HttpCall = { fn: route.fn, request, response, url, params };
  try {
    if (loaded.streamServer) await answerStreamed(call, loaded.streamServer, options.invoke);
    else await answerBuffered(call, options.invoke, options.log);
  } catch (error) {
    if (error instanceof BodyTooLarge || error instanceof CallerGone) throw error;
    if (!(error instanceof AppRestarted)) options.log('error', `Function.${route.fn.name}`, describe(error));
    if (!response.writableEnded) end(response, 500);
  }
}

/** What no function takes. */
function answerNoFunction(request: IncomingMessage, response: ServerResponse, url: URL): void {
  if (request.method === 'GET' && url.pathname === '/') endWithText(response, 200, HOME_PAGE);
  else end(response, 404);
}

async function answerWebhook(
  options: FrontDoorOptions,
  request: IncomingMessage,
  response: ServerResponse,
  address: { url: URL; rest: string; webhook: string },
): Promise<void> {
  const door = options.webhooks()[address.webhook.toLowerCase()];
  if (!door) {
    end(response, 404);
    return;
  }
  if (!mayEnter(options, request, address.url, 'system')) {
    end(response, 401);
    return;
  }
  return door(request, response, address);
}

const OPENED_BY: Readonly<Record<AuthLevel | 'system', readonly KeyLevel[]>> = {
  anonymous: ['anonymous', 'function', 'system', 'admin'],
  function: ['function', 'admin'],
  system: ['system', 'admin'],
  admin: ['admin'],
};

function mayEnter(
  options: FrontDoorOptions,
  request: IncomingMessage,
  url: URL,
  level: AuthLevel | 'system',
  functionName?: string,
): boolean {
  const keys = options.keys();
  if (!keys || level === 'anonymous') return true;
  const header = request.headers['x-functions-key'];
  const key = typeof header === 'string' ? header : (url.searchParams.get('code') ?? undefined);
  return OPENED_BY[level].includes(keys.levelOf(key, functionName));
}

function absoluteUrl(request: IncomingMessage): URL | undefined {
  const base = `http://${request.headers.host ?? 'localhost'}`;
  // Not `new URL(path, base)`: a path that begins with two slashes would name another host.
  return URL.parse(`${base}${request.url ?? '/'}`) ?? undefined;
}

function end(response: ServerResponse, status: number): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, EMPTY).end();
}

function endWithText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) }).end(text);
}
