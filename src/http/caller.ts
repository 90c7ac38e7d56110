import { createHash, timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, errors as joseErrors, jwtVerify, type JWTPayload } from 'jose';
import { EVERYBODY } from '../chains/access.ts';
import { GatewayError } from '../errors.ts';
import type { AuthConfig } from '../platform/config.ts';

/** Who is calling, from the credential in the request. Platform headers are not trusted: they can be spoofed when its switch is off. */
export type Identify = (headers: Headers) => Promise<string>;

/** Owner names end up in ids of documents and log-free places only, but a megabyte of key is nobody's name. */
const KEY_LIMIT_CHARS = 4_096;

/** Entra's tokens are 2 to 6 KB; verifying costs time, and whoever sends more has no token of Entra's. */
const TOKEN_LIMIT_CHARS = 16_384;

/** How long the tenant's signing keys are trusted without another look: as long as a withdrawn key may still open. */
const SIGNING_KEYS_AGE_MS = 10 * 60_000;
/**
 * A token signed with a key we have not seen makes us look again, but not more often than this: a rotation shows at once,
 * and forged tokens cannot make us storm the tenant.
 */
const SIGNING_KEYS_PAUSE_MS = 1_000;
const SIGNING_KEYS_LIMIT_MS = 5_000;

/** Clocks of Entra and of this machine differ. */
const CLOCK_TOLERANCE_SECONDS = 60;

export function createIdentify(auth: AuthConfig): Identify {
  switch (auth.mode) {
    case 'any-key':
      return (headers) => Promise.resolve(ownName(credentialOf(headers)));
    case 'keys':
      return (headers) => Promise.resolve(ownerOfKey(auth.keys, credentialOf(headers)));
    case 'entra':
      return createVerifyToken(auth);
  }
}

function credentialOf(headers: Headers): string {
  const key = headers.get('api-key') ?? /^Bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  const trimmed = key?.trim() ?? '';
  if (trimmed === '' || trimmed.length > KEY_LIMIT_CHARS) {
    throw unauthenticated("Send a key in the header 'api-key', or as 'Authorization: Bearer <key>'.");
  }
  return trimmed;
}

/** A key is its owner's name here, and one name means everybody. */
function ownName(key: string): string {
  if (key === EVERYBODY) throw unauthenticated(`'${EVERYBODY}' is no key: it would be everybody's.`);
  return key;
}

/** Compares with every hash in constant time, so that timing tells nothing about which key nearly matched. */
function ownerOfKey(keys: ReadonlyMap<string, readonly string[]>, key: string): string {
  const hash = createHash('sha256').update(key).digest();
  let owner: string | undefined;
  for (const [name, hashes] of keys) {
    for (const known of hashes) {
      if (timingSafeEqual(hash, Buffer.from(known, 'hex'))) owner = name;
    }
  }
  if (owner === undefined) throw unauthenticated('This key is not known here.');
  return owner;
}

function createVerifyToken(auth: Extract<AuthConfig, { mode: 'entra' }>): Identify {
  const authority = auth.authority ?? 'https://login.microsoftonline.com';
  const keys = createRemoteJWKSet(new URL(`${authority}/${auth.tenantId}/discovery/v2.0/keys`), {
    cacheMaxAge: SIGNING_KEYS_AGE_MS,
    cooldownDuration: SIGNING_KEYS_PAUSE_MS,
    timeoutDuration: SIGNING_KEYS_LIMIT_MS,
  });
  const issuers = [
    `https://sts.windows.net/${auth.tenantId}/`,
    `https://login.microsoftonline.com/${auth.tenantId}/v2.0`,
  ];
  if (auth.authority !== undefined) issuers.push(`${auth.authority}/${auth.tenantId}/v2.0`);
  return async (headers) => {
    const token = /^Bearer\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? headers.get('api-key');
    if (token == null || token.length > TOKEN_LIMIT_CHARS) {
      throw unauthenticated("Send a Microsoft Entra token as 'Authorization: Bearer <token>'.");
    }
    const claims = await verify(token, keys, { issuer: issuers, audience: [...auth.audiences], algorithms: ['RS256'] });
    return ownerOf(auth.tenantId, admit(auth, claims));
  };
}

/** Tenant and object id: the only names of a principal that never change and are never given to another. */
function ownerOf(tenantId: string, { tid, oid }: JWTPayload): string {
  if (tid !== tenantId || typeof oid !== 'string' || oid === '') throw unauthenticated(INVALID_TOKEN);
  return `${tenantId}/${oid}`;
}

const INVALID_TOKEN = 'The token is not valid here: check its tenant, its audience and its signature.';

async function verify(
  token: string,
  keys: ReturnType<typeof createRemoteJWKSet>,
  options: { issuer: string[]; audience: string[]; algorithms: string[] },
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...options,
      requiredClaims: ['exp', 'tid', 'oid'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    return payload;
  } catch (error) {
    if (isKeyTrouble(error)) {
      throw new GatewayError('store_unavailable', "The tenant's signing keys cannot be read right now. Try again.", {
        retryAfterSeconds: 5,
        cause: error,
      });
    }
    throw unauthenticated(
      error instanceof joseErrors.JWTExpired ? 'The token has expired. Get a new one.' : INVALID_TOKEN,
    );
  }
}

/** The tenant's keys could not be had: a fault of the way there, and not of the token. */
const isKeyTrouble = (error: unknown): boolean =>
  error instanceof joseErrors.JWKSTimeout ||
  error instanceof joseErrors.JWKSInvalid ||
  (error instanceof joseErrors.JOSEError ? error.code === joseErrors.JOSEError.code : error instanceof Error);

/**
 * The caller must hold the app role, or be one of the admitted applications. Only access tokens name the application that
 * got them (`azp`, in version 1.0 `appid`): an ID token, which is not meant for APIs, opens nothing.
 */
function admit(auth: Extract<AuthConfig, { mode: 'entra' }>, claims: JWTPayload): JWTPayload {
  const client = claims.azp ?? claims.appid;
  if (typeof client !== 'string') throw unauthenticated(INVALID_TOKEN);
  const roles: unknown[] = Array.isArray(claims.roles) ? claims.roles : [];
  if (auth.appRole !== undefined && roles.includes(auth.appRole)) return claims;
  if (auth.allowedClientIds.includes(client)) return claims;
  throw new GatewayError(
    'forbidden',
    auth.appRole === undefined
      ? 'This application is not admitted. Ask for its client id to be added to AUTH_ALLOWED_CLIENT_IDS.'
      : `The token does not carry the app role '${auth.appRole}'.`,
  );
}

const unauthenticated = (message: string): GatewayError => new GatewayError('unauthenticated', message);
