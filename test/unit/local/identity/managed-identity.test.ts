import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedIdentityCredential } from '@azure/identity';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startIdentity, type RunningIdentity } from '../../../../local/identity/server.ts';

let identity: RunningIdentity;

beforeAll(async () => {
  identity = await startIdentity();
  vi.stubEnv('IDENTITY_ENDPOINT', identity.endpoint);
  vi.stubEnv('IDENTITY_HEADER', identity.header);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await identity.stop();
});

const ask = (query: Record<string, string>, header = identity.header): Promise<Response> =>
  fetch(`${identity.endpoint}?${new URLSearchParams({ 'api-version': '2019-08-01', ...query }).toString()}`, {
    headers: { 'x-identity-header': header },
  });

describe('managed identity endpoint', () => {
  it.each([
    ['https://storage.azure.com/.default', 'https://storage.azure.com'],
    ['https://ai.azure.com/.default', 'https://ai.azure.com'],
    ['https://cognitiveservices.azure.com/.default', 'https://cognitiveservices.azure.com'],
    ['https://127.0.0.1:8081/.default', 'https://127.0.0.1:8081'],
  ])('gives the real ManagedIdentityCredential a signed token for %s', async (scope, audience) => {
    const credential = new ManagedIdentityCredential({ clientId: identity.clientId });
    const { token, expiresOnTimestamp } = await credential.getToken(scope);
    const verified = await jwtVerify(token, createRemoteJWKSet(new URL(identity.tokens.jwksUri)), {
      issuer: identity.tokens.issuer,
      audience,
      algorithms: ['RS256'],
    });
    expect(verified.payload).toMatchObject({ tid: identity.tenantId, appid: identity.clientId, idtyp: 'app' });
    // The credential counts the lifetime from its own clock, which may be in another second by then.
    expect(Math.abs(expiresOnTimestamp - (verified.payload.exp ?? 0) * 1000)).toBeLessThanOrEqual(1_000);
  });

  it('works for a credential that names no client id, as with a system-assigned identity', async () => {
    await expect(new ManagedIdentityCredential().getToken('https://storage.azure.com/.default')).resolves.toBeDefined();
  });

  it('refuses a request without its secret header', async () => {
    const answer = await ask({ resource: 'https://storage.azure.com' }, 'guess');
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toContain(identity.header);
  });

  it.each([
    [{ resource: 'https://management.azure.com' }, 'management.azure.com'],
    [{ resource: 'https://storage.azure.com', client_id: '00000000-0000-0000-0000-000000000000' }, 'client id'],
    [{ resource: 'https://storage.azure.com', mi_res_id: '/subscriptions/x' }, 'mi_res_id'],
    [{ resource: 'https://storage.azure.com', 'api-version': '2017-09-01' }, 'api-version'],
    [{}, 'resource'],
  ])('refuses %j and says why', async (query, reason) => {
    const answer = await ask(query);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(reason);
  });

  it('keeps its keys over a restart, so that cached tokens stay good', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'identity-'));
    const first = await startIdentity({ folder });
    const before: unknown = await (await fetch(first.tokens.jwksUri)).json();
    await first.stop();
    const second = await startIdentity({ folder });
    const after: unknown = await (await fetch(second.tokens.jwksUri)).json();
    await second.stop();
    await rm(folder, { recursive: true });
    expect(after).toEqual(before);
    expect(JSON.stringify(before)).not.toContain('"d":');
  });
});
