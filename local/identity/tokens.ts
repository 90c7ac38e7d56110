import { randomUUID } from 'node:crypto';
import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { API_ROLE, OTHER_TENANT_ID, type Caller } from './callers.ts';
import { newKey, type KeyRing } from './keys.ts';

/** Ways in which a token can be wrong, for tests of whoever has to refuse it. */
export const FLAWS = [
  'expired',
  'not-yet-valid',
  'no-expiry',
  'wrong-audience',
  'wrong-tenant',
  'wrong-issuer',
  'no-role',
  'no-object-id',
  'alg-none',
  'hmac-with-public-key',
  'unknown-key',
  'wrong-key-same-id',
  'cut-signature',
] as const;
export type Flaw = (typeof FLAWS)[number];

export interface TokenRequest {
  caller: Caller;
  audience: string;
  /** 1.0: what Azure's own services get (issuer sts.windows.net). 2.0: what a modern app registration gets. */
  version: '1.0' | '2.0';
  /** Own address of the tenant: the issuer of 2.0 tokens is below it. */
  authority: string;
  lifetimeSeconds?: number;
  /** Replaces the roles of the caller. */
  roles?: readonly string[];
  flaw?: Flaw;
}

export interface IssuedToken {
  token: string;
  /** Unix seconds. */
  expiresOn: number;
}

/** As Entra gives managed identities: a day. */
const TOKEN_LIFETIME_SECONDS = 86_400;
/** Entra dates a token back a little, because clocks differ. */
const BACKDATED_SECONDS = 300;

/** Issuer of 1.0 tokens. Azure's storage emulator insists on this address, so it is the real service's. */
export const issuerV1 = (tenantId: string): string => `https://sts.windows.net/${tenantId}/`;
/** Issuer of 2.0 tokens; `authority` without a trailing slash. */
export const issuerV2 = (authority: string, tenantId: string): string => `${authority}/${tenantId}/v2.0`;

/** Issues a token for a caller, or one that is broken in exactly the way that was asked for. */
export async function issueToken(keys: KeyRing, request: TokenRequest): Promise<IssuedToken> {
  const now = Math.floor(Date.now() / 1000);
  const expiresOn = now + (request.lifetimeSeconds ?? TOKEN_LIFETIME_SECONDS);
  const sound: JWTPayload = {
    aud: request.audience,
    iat: now - BACKDATED_SECONDS,
    nbf: now - BACKDATED_SECONDS,
    exp: expiresOn,
    ...principalClaims(request),
    ...(request.version === '1.0' ? claimsV1(request) : claimsV2(request)),
  };
  const claims = spoil(sound, request, now);
  return { token: await sign(keys, claims, request.flaw), expiresOn: claims.exp ?? expiresOn };
}

function principalClaims({ caller, roles = caller.roles }: TokenRequest): JWTPayload {
  return {
    oid: caller.objectId,
    sub: caller.objectId,
    tid: caller.tenantId,
    uti: randomUUID(),
    ...(roles.length > 0 ? { roles } : {}),
    ...(caller.kind === 'user' ? { scp: 'user_impersonation', name: caller.name } : { idtyp: 'app' }),
    ...(caller.kind === 'managed-identity'
      ? { xms_mirid: `/subscriptions/local/resourceGroups/local/providers/Microsoft.ManagedIdentity/${caller.name}` }
      : {}),
  };
}

function claimsV1({ caller }: TokenRequest): JWTPayload {
  return {
    ver: '1.0',
    iss: issuerV1(caller.tenantId),
    appid: caller.clientId,
    appidacr: caller.kind === 'user' ? '0' : '1',
    ...(caller.kind === 'user'
      ? { unique_name: `${caller.name}@local.example`, upn: `${caller.name}@local.example` }
      : {}),
  };
}

function claimsV2({ caller, authority }: TokenRequest): JWTPayload {
  return {
    ver: '2.0',
    iss: issuerV2(authority, caller.tenantId),
    azp: caller.clientId,
    azpacr: caller.kind === 'user' ? '0' : '1',
    ...(caller.kind === 'user' ? { preferred_username: `${caller.name}@local.example` } : {}),
  };
}

/** The flaws that are in the claims; those of the signature are in {@link sign}. */
function spoil(claims: JWTPayload, request: TokenRequest, now: number): JWTPayload {
  switch (request.flaw) {
    case 'expired':
      return { ...claims, iat: now - 7200, nbf: now - 7200, exp: now - 3600 };
    case 'not-yet-valid':
      return { ...claims, nbf: now + 3600, exp: now + 7200 };
    case 'no-expiry':
      return { ...claims, exp: undefined };
    case 'wrong-audience':
      return { ...claims, aud: 'https://graph.microsoft.com' };
    case 'wrong-tenant': {
      const stranger = { ...request, caller: { ...request.caller, tenantId: OTHER_TENANT_ID } };
      const issued = request.version === '1.0' ? claimsV1(stranger) : claimsV2(stranger);
      return { ...claims, ...issued, tid: OTHER_TENANT_ID };
    }
    case 'wrong-issuer':
      return { ...claims, iss: 'https://issuer.example/' };
    case 'no-role':
      return { ...claims, roles: request.caller.roles.filter((role) => role !== API_ROLE) };
    case 'no-object-id':
      return { ...claims, oid: undefined, sub: undefined };
    default:
      return claims;
  }
}

async function sign(keys: KeyRing, claims: JWTPayload, flaw: Flaw | undefined): Promise<string> {
  const { current } = keys;
  const signed = (kid: string, key: typeof current.privateKey): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(key);
  switch (flaw) {
    case 'alg-none':
      return new UnsecuredJWT(claims).encode();
    case 'hmac-with-public-key':
      // Algorithm confusion: the public key, which everybody has, used as a shared secret.
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: current.kid })
        .sign(new TextEncoder().encode(JSON.stringify(current.publicJwk)));
    case 'unknown-key': {
      const stranger = await newKey();
      return signed(stranger.kid, stranger.privateKey);
    }
    case 'wrong-key-same-id':
      return signed(current.kid, (await newKey()).privateKey);
    case 'cut-signature':
      return (await signed(current.kid, current.privateKey)).slice(0, -20);
    default:
      return signed(current.kid, current.privateKey);
  }
}
