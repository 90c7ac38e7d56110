import { createHmac, timingSafeEqual } from 'node:crypto';
import { CosmosError, unauthorized } from '../errors.ts';
import { header, type CosmosRequest } from '../http/request.ts';
import { MAX_CLOCK_SKEW_MS } from '../limits.ts';

/**
 * The key that every Cosmos DB emulator shares: public, documented, worth nothing.
 * Source: learn.microsoft.com/azure/cosmos-db/emulator ("Authentication").
 */
export const EMULATOR_KEY = 'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==';

/** @throws CosmosError 401, 403 */
export type KeyCheck = (request: CosmosRequest, signature: string) => void;

/** Checks signatures made with the account's key ("Access control on Azure Cosmos DB resources"). */
export function createKeyCheck(key: string): KeyCheck {
  const secret = Buffer.from(key, 'base64');
  return (request, signature) => {
    const date = header(request, 'x-ms-date') ?? '';
    const [type, link] = signedResource(request.segments);
    const text = `${request.method.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`;
    const expected = createHmac('sha256', secret).update(text).digest();
    const given = Buffer.from(signature, 'base64');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw unauthorized(
        "The input authorization token can't serve the request. The wrong key is being used or the expected payload is not built as per the protocol.",
      );
    }
    const skew = Math.abs(Date.now() - Date.parse(date));
    if (!(skew <= MAX_CLOCK_SKEW_MS))
      throw new CosmosError(403, `x-ms-date is too far from the server's time: '${date}'.`);
  };
}

/** What is signed: the kind of the last resource in the path, and the path of it or of its parent. */
function signedResource(segments: readonly string[]): [type: string, link: string] {
  const last = segments.at(-1) ?? '';
  // `/operations/partitionkeydelete` acts on, and is signed as, the container.
  if (segments.at(-2) === 'operations') return ['colls', segments.slice(0, -2).join('/')];
  // An offer is addressed by its own id, in lower case.
  if (segments[0] === 'offers') return ['offers', (segments[1] ?? '').toLowerCase()];
  return segments.length % 2 === 0
    ? [(segments.at(-2) ?? '').toLowerCase(), segments.join('/')]
    : [last.toLowerCase(), segments.slice(0, -1).join('/')];
}
