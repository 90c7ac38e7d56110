import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { parseLenientJson } from '../core/json-file.ts';
import type { RegisteredFunction } from '../core/types.ts';
import type { Door } from './front-door.ts';
import { EMPTY, readBody } from './request-parts.ts';

export interface AdminOptions {
  functions: () => readonly RegisteredFunction[];
  hostId: string;
  version: string;
  /** What is wrong with the app; empty while it runs. */
  errors: () => readonly string[];
  /** Fires a function by hand; returns false when its trigger cannot be. */
  fire: (fn: RegisteredFunction, input: string) => boolean;
}

/** The body of `POST /admin/functions/{name}`. */
const manualRun = z.object({ input: z.unknown().optional() });

/** Answers `/admin/host/status`, `/admin/host/ping`, `/admin/functions` and `POST /admin/functions/{name}`. */
export function createAdmin(options: AdminOptions): Door {
  return async (request, response, { rest }) => {
    const [area = '', name, ...more] = rest
      .toLowerCase()
      .split('/')
      .filter((part) => part !== '');
    if (more.length > 0) answerJson(response, 404);
    else if (area === 'host') answerHost(options, name, response);
    else if (area === 'functions') await answerFunctions(options, name, request, response);
    else answerJson(response, 404);
  };
}

function answerHost(options: AdminOptions, name: string | undefined, response: ServerResponse): void {
  if (name === 'status') answerStatus(options, response);
  else answerJson(response, name === 'ping' ? 200 : 404);
}

async function answerFunctions(
  { functions, fire }: AdminOptions,
  name: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (name === undefined) {
    answerJson(response, 200, functions().map(describeFunction));
    return;
  }
  const fn = functions().find((each) => encodeURIComponent(each.name).toLowerCase() === name);
  if (!fn) answerJson(response, 404);
  else if (request.method !== 'POST') answerJson(response, 200, describeFunction(fn));
  else {
    const { input } = manualRun.parse(parseLenientJson((await readBody(request)).toString() || '{}'));
    const text = typeof input === 'string' ? input : JSON.stringify(input ?? '');
    answerJson(response, fire(fn, text) ? 202 : 400);
  }
}

function answerStatus(options: AdminOptions, response: ServerResponse): void {
  const errors = options.errors();
  answerJson(response, 200, {
    id: options.hostId,
    state: errors.length > 0 ? 'Error' : 'Running',
    version: options.version,
    versionDetails: options.version,
    instanceId: options.hostId,
    processUptime: Math.round(process.uptime() * 1000),
    functionAppContentEditingState: 'NotAllowed',
    ...(errors.length > 0 ? { errors } : {}),
  });
}

function describeFunction(fn: RegisteredFunction): object {
  return {
    name: fn.name,
    language: 'node',
    isDisabled: false,
    config: { name: fn.name, bindings: Object.values(fn.bindings), language: 'node', functionDirectory: '' },
  };
}

/** Answers JSON, or nothing but the status. */
export function answerJson(response: ServerResponse, status: number, body?: unknown): void {
  if (body === undefined) {
    response.writeHead(status, EMPTY).end();
    return;
  }
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    })
    .end(text);
}
