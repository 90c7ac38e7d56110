import { badRequest } from '../errors.ts';

/**
 * Splits a property path of a definition (`/a/b`, `/"a b"/c`) into names.
 * @throws CosmosError 400 when it is no path.
 */
export function parsePath(path: unknown): string[] {
  if (typeof path !== 'string' || !/^(\/("[^"\\]+"|[^/"\\]+))+$/.test(path)) {
    throw badRequest(`The path '${String(path)}' is not valid: write '/name' or '/outer/inner'.`);
  }
  const names = path.match(/"[^"]+"|[^/"]+/g) ?? [];
  return names.map((name) => (name.startsWith('"') ? name.slice(1, -1) : name));
}
