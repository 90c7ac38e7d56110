import { isOwnItemId } from '../platform/ids.ts';
import { isObject, type JsonObject } from '../upstream/wire.ts';
import type { ResolveReferences } from './prepare.ts';

/** Input the service may see: items without the ids that only we know. */
export function createResolveReferences(): ResolveReferences {
  return (_owner, request) => {
    const { input } = request.body;
    const body: JsonObject = Array.isArray(input) ? { ...request.body, input: input.map(withoutOwnId) } : request.body;
    return Promise.resolve(body);
  };
}

export function withoutOwnId(item: unknown): unknown {
  if (!isObject(item) || typeof item.id !== 'string' || !isOwnItemId(item.id)) return item;
  const { id: _id, ...rest } = item;
  return rest;
}
