import { createRemoteJWKSet, jwtVerify } from 'jose';
import { unauthorized } from '../errors.ts';

/** Whose tokens are accepted: the issuer's name as it stands in them, and the address of its public keys. */
export interface TokenSettings {
  issuer: string;
  jwksUri: string;
}

/** @throws CosmosError 401 */
export type TokenCheck = (token: string) => Promise<void>;

/** The audience that clients fall back to when a tenant does not know the account (`AAD_DEFAULT_SCOPE` of the SDK). */
const SHARED_AUDIENCE = 'https://cosmos.azure.com';

/** Verified tokens are remembered until they expire; this many at most. */
const MAX_REMEMBERED = 1000;

const CLOCK_TOLERANCE_SECONDS = 5;

/**
 * Checks signature, issuer, expiry and audience of Entra tokens; the audience is the account's own address, as
 * `<address>/.default` asks for it.
 */
export function createTokenCheck(settings: TokenSettings | undefined, port: () => number): TokenCheck {
  if (!settings) {
    return () => Promise.reject(unauthorized('Tokens are not accepted: this stand-in was started without an issuer.'));
  }
  // Every unknown key is looked for at once: a rotation of the local tenant must not lock the gateway out.
  const keys = createRemoteJWKSet(new URL(settings.jwksUri), { cooldownDuration: 0 });
  const remembered = new Map<string, number>();
  return async (token) => {
    const expires = remembered.get(token);
    if (expires !== undefined && expires * 1000 > Date.now()) return;
    remembered.delete(token);
    const { payload } = await verify(token);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    if (payload.exp !== undefined) remembered.set(token, payload.exp);
  };

  async function verify(token: string) {
    try {
      return await jwtVerify(token, keys, {
        issuer: settings?.issuer,
        audience: audiences(port()),
        requiredClaims: ['exp'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown reason';
      throw unauthorized(`The given token is not accepted: ${reason}.`);
    }
  }
}

function audiences(port: number): string[] {
  const addresses = [`https://127.0.0.1:${port}`, `https://localhost:${port}`, SHARED_AUDIENCE];
  return addresses.flatMap((address) => [address, `${address}/`]);
}
