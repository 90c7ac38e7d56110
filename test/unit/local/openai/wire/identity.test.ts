import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen, type RunningServer } from '../../../../../local/kit/server.ts';
import { errorOf, startSimulator, type Reply, type Simulator } from './simulator.ts';

const ISSUER = 'https://login.example/tenant/v2.0';

let tenant: RunningServer;
let azure: Simulator;
let sign: (claims: { aud?: string; iss?: string; expires?: number }) => Promise<string>;

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }] };
  tenant = await listen((_request, response) => void response.end(JSON.stringify(keys)));
  azure = await startSimulator({ tokens: { issuer: ISSUER, jwksUri: `${tenant.address}/keys` } });
  sign = ({ aud = 'https://ai.azure.com', iss = ISSUER, expires = Date.now() / 1000 + 600 }) =>
    new SignJWT({ sub: 'someone' })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setAudience(aud)
      .setIssuer(iss)
      .setExpirationTime(Math.floor(expires))
      .sign(privateKey);
});
afterAll(() => Promise.all([azure.stop(), tenant.stop()]));

const ask = (headers: Record<string, string>): Promise<Reply> => azure.send('GET', '/models', undefined, headers);
const bearer = async (token: Promise<string> | string) => ask({ authorization: `Bearer ${await token}` });

describe('the identity of the caller', () => {
  it.each(['https://ai.azure.com', 'https://ai.azure.com/', 'https://cognitiveservices.azure.com'])(
    'is taken from a token for %s',
    async (aud) => {
      const token = await sign({ aud });
      expect((await bearer(token)).status).toBe(200);
      expect((await bearer(token)).status).toBe(200);
    },
  );

  it('is refused when the token is for something else, from elsewhere, or old', async () => {
    for (const claims of [{ aud: 'https://storage.azure.com' }, { iss: 'https://evil.example' }, { expires: 1_000 }]) {
      const refused = await bearer(sign(claims));
      expect(refused.status).toBe(401);
      expect(errorOf(refused).message).toMatch(/audience is incorrect/);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it('is refused when the token was changed', async () => {
    const [head = '', , signature = ''] = (await sign({})).split('.');
    const claims = Buffer.from(JSON.stringify({ aud: 'https://ai.azure.com', iss: ISSUER, exp: 9e9 })).toString(
      'base64url',
    );
    expect((await bearer(`${head}.${claims}.${signature}`)).status).toBe(401);
  });

  it('is refused once a token that was good has run out', async () => {
    const token = await sign({ expires: Date.now() / 1000 + 1.5 });
    expect((await bearer(token)).status).toBe(200);
    await expect.poll(async () => (await bearer(token)).status, { timeout: 5_000 }).toBe(401);
  });

  it('may be a key, in either header; nothing at all is refused', async () => {
    expect((await ask({ 'api-key': 'some-key' })).status).toBe(200);
    expect((await bearer('some-key')).status).toBe(200);
    const refused = await ask({});
    expect(refused.status).toBe(401);
    expect(errorOf(refused)).toMatchObject({ code: '401', message: expect.stringMatching(/^Access denied/) });
    expect((await ask({ 'api-key': '' })).status).toBe(401);
  });

  it('is asked for before anything else', async () => {
    expect((await azure.send('GET', '/nothing', undefined, {})).status).toBe(401);
  });
});
