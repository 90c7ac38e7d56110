import type { IncomingHttpHeaders } from 'node:http';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { badKey, badToken } from './refusals.ts';

export interface TokenRules {
  issuer: string;
  jwksUri: string;
}

/** The two scopes that Azure OpenAI takes, as they stand in a token's audience. */
const AUDIENCES = ['https://ai.azure.com', 'https://cognitiveservices.azure.com'].flatMap((name) => [name, `${name}/`]);

const KNOWN_TOKENS_MAX = 1_000;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * Lets a caller in, or throws the refusal that Azure would send.
 * A key is any non-empty text; a token must be signed by the tenant, in time, and meant for Azure OpenAI.
 * Without token rules the signature is not looked at. Tokens live in real time, whatever the simulator's clock says.
 */
export function createGate(rules: TokenRules | undefined): (headers: IncomingHttpHeaders) => Promise<void> | void {
  // Every unknown key is looked for at once: a rotation of the local tenant must not lock the gateway out.
  const keys = rules && createRemoteJWKSet(new URL(rules.jwksUri), { cooldownDuration: 0 });
  const goodUntil = new Map<string, number>();

  const check = async (token: string): Promise<void> => {
    const audience = AUDIENCES;
    const claims = await (
      rules && keys
        ? jwtVerify(token, keys, { issuer: rules.issuer, audience }).then(({ payload }) => payload)
        : Promise.resolve(decodeJwt(token))
    ).catch(() => {
      throw badToken();
    });
    const named = [claims.aud ?? []].flat().some((name) => audience.includes(name));
    const until = (claims.exp ?? 0) * 1000;
    if (!named || until <= Date.now()) throw badToken();
    if (goodUntil.size >= KNOWN_TOKENS_MAX) goodUntil.clear();
    goodUntil.set(token, until);
  };

  return (headers) => {
    if (headers['api-key']) return;
    const sent = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (sent === undefined) throw badKey();
    const until = goodUntil.get(sent);
    if (until !== undefined && Date.now() < until) return;
    // The plain OpenAI client sends an Azure key as a bearer.
    if (JWT.test(sent)) return check(sent);
  };
}
