import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientSecretCredential } from '@azure/identity';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ensureCertificate } from '../../../../local/certificate.ts';
import { FLAWS } from '../../../../local/identity/tokens.ts';
import { startIdentity, type RunningIdentity } from '../../../../local/identity/server.ts';

const tokenAnswer = z.object({ access_token: z.string() });
const issuedAnswer = z.object({ token: z.string(), expiresOn: z.number() });

let identity: RunningIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.stop());

const post = (path: string, body: URLSearchParams | object): Promise<Response> =>
  fetch(`${identity.address}${path}`, {
    method: 'POST',
    body: body instanceof URLSearchParams ? body : JSON.stringify(body),
  });

const credentials = (caller: string, more: Record<string, string>): URLSearchParams =>
  new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: caller,
    client_secret: `secret-of-${caller}`,
    ...more,
  });

async function issue(order: object): Promise<string> {
  const answer = await post('/_control/tokens', order);
  expect(answer.status).toBe(200);
  return issuedAnswer.parse(await answer.json()).token;
}

/** Verifies as the gateway would: keys and issuer from the tenant's own configuration, audience and role its own. */
async function verify(token: string): Promise<void> {
  const address = `${identity.address}/${identity.tenantId}/v2.0/.well-known/openid-configuration`;
  const configuration = z
    .object({ issuer: z.string(), jwks_uri: z.string() })
    .parse(await (await fetch(address)).json());
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(configuration.jwks_uri)), {
    issuer: configuration.issuer,
    audience: identity.apiClientId,
    algorithms: ['RS256'],
    requiredClaims: ['exp', 'oid', 'tid'],
  });
  z.object({ roles: z.array(z.string()).min(1) }).parse(payload);
}

describe('the tenant', () => {
  it('issues 2.0 tokens for the gateway by client credentials', async () => {
    const scope = `api://${identity.apiClientId}/.default`;
    const answer = await post(`/${identity.tenantId}/oauth2/v2.0/token`, credentials('logic-app', { scope }));
    const token = tokenAnswer.parse(await answer.json()).access_token;
    await verify(token);
    expect(decodeJwt(token)).toMatchObject({ ver: '2.0', idtyp: 'app', roles: ['Responses.Use'] });
  });

  it('issues 1.0 tokens with the audience as it was asked for', async () => {
    const resource = `api://${identity.apiClientId}`;
    const answer = await post(`/${identity.tenantId}/oauth2/token`, credentials('app-with-role', { resource }));
    expect(decodeJwt(tokenAnswer.parse(await answer.json()).access_token)).toMatchObject({
      ver: '1.0',
      iss: identity.tokens.issuer,
      aud: resource,
    });
  });

  it('tells a user, an app without the role and another tenant apart', async () => {
    expect(decodeJwt(await issue({ caller: 'alice' }))).toMatchObject({ scp: 'user_impersonation', name: 'alice' });
    expect(decodeJwt(await issue({ caller: 'app-without-role' }))).not.toHaveProperty('roles');
    expect(decodeJwt(await issue({ caller: 'foreign-app' })).tid).not.toBe(identity.tenantId);
  });

  it.each([
    ['a wrong secret', { client_secret: 'guess' }, 401, 'AADSTS7000215'],
    ['an unknown client', { client_id: 'nobody' }, 400, 'AADSTS700016'],
    [
      "another tenant's client",
      { client_id: 'foreign-app', client_secret: 'secret-of-foreign-app' },
      400,
      'AADSTS700016',
    ],
    ['an unknown resource', { scope: 'https://graph.microsoft.com/.default' }, 400, 'AADSTS500011'],
    ['a scope that is none', { scope: 'read' }, 400, 'AADSTS1002012'],
    ['another grant', { grant_type: 'password' }, 400, 'AADSTS70003'],
  ])('refuses %s', async (_what, change, status, code) => {
    const scope = `api://${identity.apiClientId}/.default`;
    const form = credentials('app-with-role', { scope, ...change });
    const answer = await post(`/${identity.tenantId}/oauth2/v2.0/token`, form);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(code);
  });

  it('says aloud what it does not offer', async () => {
    expect((await post(`/${identity.tenantId}/oauth2/v2.0/devicecode`, {})).status).toBe(501);
  });

  it('serves the real ClientSecretCredential over https', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenant-'));
    const { certFile, cert, key } = await ensureCertificate(folder);
    const secure = await startIdentity({ tls: { cert, key } });
    try {
      const credential = new ClientSecretCredential(
        secure.tenantId,
        '10ca1000-0000-4000-8000-0000000000d4',
        'secret-of-app-with-role',
        {
          authorityHost: secure.address,
          disableInstanceDiscovery: true,
          tlsOptions: { ca: readFileSync(certFile, 'utf8') },
        },
      );
      const { token } = await credential.getToken(`api://${secure.apiClientId}/.default`);
      expect(decodeJwt(token)).toMatchObject({
        aud: secure.apiClientId,
        iss: `${secure.address}/${secure.tenantId}/v2.0`,
      });
    } finally {
      await secure.stop();
      await rm(folder, { recursive: true });
    }
  });
});

describe('broken tokens', () => {
  it.each(FLAWS)('%s: a careful verifier refuses it', async (flaw) => {
    await verify(await issue({ caller: 'app-with-role' }));
    await expect(issue({ caller: 'app-with-role', flaw }).then(verify)).rejects.toThrow();
  });

  it('are ordered by name: an unknown flaw or field is refused', async () => {
    const answer = await post('/_control/tokens', { caller: 'alice', flaw: 'ugly', colour: 'red' });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('colour');
  });
});

describe('key rotation', () => {
  it('keeps old tokens good until their key is retired', async () => {
    const old = await issue({ caller: 'alice' });
    await post('/_control/keys/rotate', {});
    await verify(old);
    await verify(await issue({ caller: 'alice' }));
    await post('/_control/keys/rotate', { retire: true });
    await expect(verify(old)).rejects.toThrow();
    await verify(await issue({ caller: 'alice' }));
  });
});
