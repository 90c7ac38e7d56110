import { createHash, timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, errors as joseErrors, jwtVerify, type JWTPayload } from 'jose';
import { GatewayError } from '../errors.ts';
import type { AuthConfig } from '../platform/config.ts';

/** Who is calling, from the credential in the request. Platform headers are not trusted: they can be spoofed when its switch is off. */
export type Identify = (headers: Headers) => Promise<string>;

/** Owner names end up in ids of documents and log-free places only, but a megabyte of key is nobody's name. */
const KEY_LIMIT_CHARS = 4_096;

export function createIdentify(auth: AuthConfig): Identify {
  switch (auth.mode) {
    case 'any-key':
      return (headers) => Promise.resolve(credentialOf(headers));
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
  const keys = createRemoteJWKSet(new URL(`${authority}/${auth.tenantId}/discovery/v2.0/keys`));
  const issuers = [
    `https://sts.windows.net/${auth.tenantId}/`,
    `https://login.microsoftonline.com/${auth.tenantId}/v2.0`,
  ];
  if (auth.authority !== undefined) issuers.push(`${auth.authority}/${auth.tenantId}/v2.0`);
  return async (headers) => {
    const token = /^Bearer\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? headers.get('api-key');
    if (token == null) throw unauthenticated("Send a Microsoft Entra token as 'Authorization: Bearer <token>'.");
    const claims = await verify(token, keys, { issuer: issuers, audience: [...auth.audiences], algorithms: ['RS256'] });
    admit(auth, claims);
    return `${auth.tenantId}/${typeof claims.oid === 'string' ? claims.oid : (claims.sub ?? '')}`;
  };
}

async function verify(
  token: string,
  keys: ReturnType<typeof createRemoteJWKSet>,
  options: { issuer: string[]; audience: string[]; algorithms: string[] },
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...options,
      requiredClaims: ['exp', 'tid'],
      clockTolerance: 60,
    });
    return payload;
  } catch (error) {
    if (
      error instanceof joseErrors.JWKSTimeout ||
      (error instanceof Error && !(error instanceof joseErrors.JOSEError))
    ) {
      throw new GatewayError('store_unavailable', "The tenant's signing keys cannot be read right now. Try again.", {
        retryAfterSeconds: 5,
        cause: error,
      });
    }
    throw unauthenticated(
      error instanceof joseErrors.JWTExpired
        ? 'The token has expired. Get a new one.'
        : 'The token is not valid here: check its tenant, its audience and its signature.',
    );
  }
}

/** The caller must hold the app role, or be one of the admitted applications. */
function admit(auth: Extract<AuthConfig, { mode: 'entra' }>, claims: JWTPayload): void {
  const roles: unknown[] = Array.isArray(claims.roles) ? claims.roles : [];
  if (auth.appRole !== undefined && roles.includes(auth.appRole)) return;
  const client = claims.azp ?? claims.appid;
  if (typeof client === 'string' && auth.allowedClientIds.includes(client)) return;
  throw new GatewayError(
    'forbidden',
    auth.appRole === undefined
      ? 'This application is not admitted. Ask for its client id to be added to AUTH_ALLOWED_CLIENT_IDS.'
      : `The token does not carry the app role '${auth.appRole}'.`,
  );
}

const unauthenticated = (message: string): GatewayError => new GatewayError('unauthenticated', message);
