import { CosmosError, SUBSTATUS, unauthorized } from '../errors.ts';
import { header, type CosmosRequest } from '../http/request.ts';
import type { KeyCheck } from './keys.ts';
import type { TokenCheck } from './tokens.ts';

/** Who calls: the holder of the account's key, or of an Entra token with the data plane's built-in role. */
export type Principal = 'key' | 'token';

/**
 * Checks the `authorization` header, which is URL-encoded as a whole: `type=master|aad&ver=1.0&sig=...`.
 * @throws CosmosError 401 (403 for a date too far off)
 */
export async function authorize(request: CosmosRequest, key: KeyCheck, token: TokenCheck): Promise<Principal> {
  const [, type, signature] = /^type=(\w+)&ver=1\.0&sig=(.+)$/s.exec(decodedHeader(request)) ?? [];
  if (signature === undefined) {
    throw unauthorized('Required Header authorization is missing. Ensure a valid Authorization token is passed.');
  }
  if (type === 'master') {
    key(request, signature);
    return 'key';
  }
  if (type !== 'aad') throw unauthorized(`Authorization of type '${type ?? ''}' is not offered: use a key or a token.`);
  await token(signature);
  return 'token';
}

function decodedHeader(request: CosmosRequest): string {
  const text = header(request, 'authorization') ?? '';
  try {
    return decodeURIComponent(text);
  } catch {
    // Not encoded: taken as it is.
    return text;
  }
}

/**
 * The data plane's roles cannot make or change databases and containers ("Built-in Data Contributor"): infrastructure
 * does, with the key here, with Bicep in Azure.
 * @throws CosmosError 403
 */
export function requireKey(principal: Principal, operation: string): void {
  if (principal === 'key') return;
  const message = `Request blocked by Auth: ${operation} cannot be authorized by AAD token in data plane.`;
  throw new CosmosError(403, message, SUBSTATUS.tokenMayNotManage);
}
