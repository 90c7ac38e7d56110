import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FLAWS, type Flaw } from '../../../local/identity/tokens.ts';
import { startIdentity, type RunningIdentity } from '../../../local/identity/server.ts';
import { GatewayError } from '../../../src/errors.ts';
import { createIdentify, type Identify } from '../../../src/http/caller.ts';
import { orderToken, rotateKeys } from '../../support/tokens.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The owner, or the status of the refusal. */
async function ask(identify: Identify, headers: Record<string, string>): Promise<string | number> {
  try {
    return await identify(new Headers(headers));
  } catch (error) {
    if (error instanceof GatewayError) return error.status;
    throw error;
  }
}

describe('keys', () => {
  const identify = createIdentify({
    mode: 'keys',
    keys: new Map([
      ['billing', [sha256('old'), sha256('new')]],
      ['web', [sha256('other')]],
    ]),
  });

  it.each([
    [{ 'api-key': 'old' }, 'billing'],
    [{ 'api-key': 'new' }, 'billing'],
    [{ authorization: 'Bearer other' }, 'web'],
    [{ authorization: 'bearer   other ' }, 'web'],
    [{ 'api-key': sha256('old') }, 401],
    [{ 'api-key': 'Old' }, 401],
    [{ 'api-key': '' }, 401],
    [{ authorization: 'Basic other' }, 401],
    [{ 'api-key': 'x'.repeat(5_000) }, 401],
    [{ 'x-ms-client-principal-id': 'billing' }, 401],
    [{}, 401],
  ])('%j -> %s', async (headers, expected) => {
    expect(await ask(identify, headers)).toBe(expected);
  });
});

describe('any key', () => {
  it.each([
    [{ 'api-key': 'alice' }, 'alice'],
    [{ authorization: 'Bearer bob' }, 'bob'],
    [{ 'api-key': '*' }, 401],
    [{}, 401],
  ])('%j -> %s', async (headers, expected) => {
    expect(await ask(createIdentify({ mode: 'any-key' }), headers)).toBe(expected);
  });
});

describe('Entra', () => {
  let identity: RunningIdentity;
  let identify: Identify;
  beforeAll(async () => {
    identity = await startIdentity();
    identify = admitting({ appRole: 'Responses.Use' });
  });
  afterAll(() => identity.stop());

  const admitting = (who: { appRole?: string; allowedClientIds?: string[] }): Identify =>
    createIdentify({
      mode: 'entra',
      tenantId: identity.tenantId,
      audiences: [identity.apiClientId, `api://${identity.apiClientId}`],
      authority: identity.address,
      appRole: who.appRole,
      allowedClientIds: who.allowedClientIds ?? [],
    });
  const token = (order: Parameters<typeof orderToken>[1]): Promise<string> => orderToken(identity.address, order);
  const bearer = async (order: Parameters<typeof orderToken>[1]): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await token(order)}`,
  });

  it.each(['1.0', '2.0'])(
    'knows one principal by tokens of version %s, whatever the audience is called',
    async (version) => {
      for (const audience of [identity.apiClientId, `api://${identity.apiClientId}`]) {
        const owner = await ask(identify, await bearer({ caller: 'logic-app', version, audience }));
        expect(owner).toBe('10ca1000-0000-4000-8000-000000000001/10ca1000-0000-4000-8000-000000000104');
      }
    },
  );

  it('takes the token from either header, as clients of both kinds send it', async () => {
    const text = await token({ caller: 'alice' });
    expect(await ask(identify, { 'api-key': text })).toBe(await ask(identify, { authorization: `Bearer ${text}` }));
  });

  const REFUSED: Record<Flaw, number> = {
    expired: 401,
    'not-yet-valid': 401,
    'no-expiry': 401,
    'wrong-audience': 401,
    'wrong-tenant': 401,
    'wrong-issuer': 401,
    'no-role': 403,
    'no-object-id': 401,
    'alg-none': 401,
    'hmac-with-public-key': 401,
    'unknown-key': 401,
    'wrong-key-same-id': 401,
    'cut-signature': 401,
  };
  it.each(FLAWS.flatMap((flaw) => [[flaw, '1.0'] as const, [flaw, '2.0'] as const]))(
    'refuses a token that is %s (%s)',
    async (flaw, version) => {
      expect(await ask(identify, await bearer({ caller: 'alice', flaw, version }))).toBe(REFUSED[flaw]);
    },
  );

  it('refuses applications of other tenants, and those without the role', async () => {
    expect(await ask(identify, await bearer({ caller: 'foreign-app' }))).toBe(401);
    expect(await ask(identify, await bearer({ caller: 'app-without-role' }))).toBe(403);
  });

  it('admits an application by its client id, and nobody else then', async () => {
    const byId = admitting({ allowedClientIds: ['10ca1000-0000-4000-8000-0000000000d5'] });
    expect(await ask(byId, await bearer({ caller: 'app-without-role' }))).toContain('/');
    expect(await ask(byId, await bearer({ caller: 'app-with-role' }))).toBe(403);
  });

  it('refuses what is no token at all', async () => {
    for (const text of ['x', 'a.b.c', `${'a'.repeat(9_000)}.b.c`, 'x'.repeat(20_000)]) {
      expect(await ask(identify, { authorization: `Bearer ${text}` })).toBe(401);
    }
    expect(await ask(identify, {})).toBe(401);
  });

  it('takes tokens of a key that came a second ago, and none of one that was withdrawn', async () => {
    const old = await bearer({ caller: 'alice' });
    expect(await ask(identify, old)).toContain('/');
    await rotateKeys(identity.address, { retire: true });
    const fresh = await bearer({ caller: 'alice' });
    await expect.poll(() => ask(identify, fresh), { timeout: 5_000 }).toContain('/');
    expect(await ask(identify, old)).toBe(401);
  });

  it('says that the tenant is to blame when its keys cannot be had', async () => {
    const gone = await startIdentity();
    const order = await orderToken(gone.address, { caller: 'alice', version: '1.0' });
    const lost = createIdentify({
      mode: 'entra',
      tenantId: gone.tenantId,
      audiences: [gone.apiClientId],
      authority: gone.address,
      appRole: 'Responses.Use',
      allowedClientIds: [],
    });
    await gone.stop();
    expect(await ask(lost, { authorization: `Bearer ${order}` })).toBe(503);
    const wrong = createIdentify({
      mode: 'entra',
      tenantId: gone.tenantId,
      audiences: [gone.apiClientId],
      authority: `${identity.address}/nowhere`,
      appRole: 'Responses.Use',
      allowedClientIds: [],
    });
    expect(await ask(wrong, { authorization: `Bearer ${order}` })).toBe(503);
  });
});
