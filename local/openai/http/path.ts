import { pathNotFound } from '../refusals.ts';

const V1 = '/openai/v1/';
const DATED = '/openai/';

/**
 * The steps of a path below the API's root, decoded.
 * @throws Refusal 404 outside of it, and on the dated form without the `api-version` that it needs.
 */
export function stepsOf(path: string, query: URLSearchParams): string[] {
  const isV1 = path.startsWith(V1);
  if (!isV1 && !(path.startsWith(DATED) && query.has('api-version'))) throw pathNotFound();
  const below = path.slice(isV1 ? V1.length : DATED.length).replace(/\/$/, '');
  return below.split('/').map(decoded);
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    throw pathNotFound();
  }
}
