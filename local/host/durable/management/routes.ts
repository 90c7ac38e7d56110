import type { ApiRequest, ApiResponse } from '../../core/types.ts';
import type { Engine } from '../engine/engine.ts';
import type { Call } from './call.ts';
import type { ClientAddress } from './client-payload.ts';
import { Query } from './query.ts';
import { deleteInstance, deleteInstances, getInstance, listInstances } from './read-and-purge.ts';
import { restart, start } from './start.ts';
import { raiseEvent, resume, rewind, suspend, terminate } from './steer.ts';
import { empty, failure, json } from './answers.ts';

type Route = [method: string, path: string, handle: (call: Call) => ApiResponse | Promise<ApiResponse>];

/** azure-functions-durable-extension, HttpApiHandler.cs. Literals ignore case; `:name?` may be missing. */
const ROUTES: readonly Route[] = [
  ['POST', 'orchestrators/:function/:instance?', start],
  ['GET', 'instances', listInstances],
  ['DELETE', 'instances', deleteInstances],
  ['GET', 'instances/:instance', getInstance],
  ['DELETE', 'instances/:instance', deleteInstance],
  ['POST', 'instances/:instance/raiseEvent/:event', raiseEvent],
  ['POST', 'instances/:instance/terminate', terminate],
  ['POST', 'instances/:instance/suspend', suspend],
  ['POST', 'instances/:instance/resume', resume],
  ['POST', 'instances/:instance/restart', restart],
  ['POST', 'instances/:instance/rewind', rewind],
];

/**
 * Answers one call of the management API.
 * @param path what follows the address that the API is mounted at
 */
export async function answer(
  engine: Engine,
  request: ApiRequest,
  address: ClientAddress,
  path: string,
): Promise<ApiResponse> {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode);
  if (segments[0]?.toLowerCase() === 'entities') return json(501, 'This host has no durable entities.');
  const query = new Query(request.url.searchParams);
  const hub = query.text('taskHub');
  if (hub && hub.toLowerCase() !== address.hubName.toLowerCase()) {
    return failure(400, `This host serves the task hub '${address.hubName}', not '${hub}'.`);
  }
  for (const [method, pattern, handle] of ROUTES) {
    const route = method === request.method ? match(pattern.split('/'), segments) : undefined;
    if (!route) continue;
    try {
      return await handle({ engine, request, query, address, route });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return failure(500, 'Something went wrong while processing your request', message);
    }
  }
  return empty(404);
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (segments.length > pattern.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index];
    const name = /^:(\w+)/.exec(expected)?.[1];
    if (segment === undefined) {
      if (!expected.endsWith('?')) return undefined;
    } else if (name !== undefined) {
      values[name] = segment;
    } else if (segment.toLowerCase() !== expected.toLowerCase()) {
      return undefined;
    }
  }
  return values;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // A stray per cent sign: taken as it is.
    return segment;
  }
}
