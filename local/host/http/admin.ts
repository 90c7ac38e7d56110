import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { HostedApp } from '../core/hosted-app.ts';
import { parseLenientJson } from '../core/json-file.ts';
import type { RegisteredFunction } from '../core/types.ts';
import type { Door } from './front-door.ts';
import { EMPTY, readBody } from './request-parts.ts';

export interface AdminOptions {
  app: HostedApp;
  hostId: string;
  version: string;
  /** What is wrong with the app; empty while it runs. */
  errors: () => readonly string[];
  /** Fires a function by hand; returns false when its trigger cannot be. */
  fire: (fn: RegisteredFunction, input: string) => boolean;
}

/** The body of `POST /admin/functions/{name}`. */
const manualRun = z.object({
  input: z.union([z.string(), z.unknown().transform((value) => JSON.stringify(value))]).optional(),
});

/** Answers `/admin/host/status`, `/admin/host/ping`, `/admin/functions` and `POST /admin/functions/{name}`. */
export function createAdmin(options: AdminOptions): Door {
  return async (request, response, { rest }) => {
    const [area = '', name, ...more] = rest.split('/').filter((part) => part !== '');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (area.toLowerCase() === 'host' && isRead && name?.toLowerCase() === 'status')
      { answerStatus(options, response); return; }
    if (area.toLowerCase() === 'host' && name?.toLowerCase() === 'ping') { answerJson(response, 200); return; }
    if (area.toLowerCase() !== 'functions' || more.length > 0) { answerJson(response, 404); return; }
    if (name === undefined) { answerJson(response, 200, options.app.functions().map(describeFunction)); return; }
    const fn = options.app
      .functions()
      .find((each) => each.name.toLowerCase() === decodeURIComponent(name).toLowerCase());
    if (!fn) { answerJson(response, 404); return; }
    if (isRead) { answerJson(response, 200, describeFunction(fn)); return; }
    if (request.method !== 'POST') { answerJson(response, 405); return; }
    const body = (await readBody(request)).toString();
    const { input = '' } = manualRun.parse(body.trim() === '' ? {} : parseLenientJson(body));
    answerJson(response, options.fire(fn, input ?? '') ? 202 : 400);
  };
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
