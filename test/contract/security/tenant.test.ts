import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { FLAWS, type Flaw } from '../../../local/identity/tokens.ts';
import { startDoorHost, type SecondHost } from '../../support/second-host.ts';
import { orderToken, rotateKeys, type TokenOrder } from '../../support/tokens.ts';
import { clientFor } from '../../support/world.ts';

/** `AUTH_MODE=entra` on hosts of their own: real tokens of the local tenant, sound ones and others. */

const endpoints = inject('endpoints');
const model = 'gpt-4.1';

const TENANT = '10ca1000-0000-4000-8000-000000000001';
const API = '10ca1000-0000-4000-8000-0000000000a1';
const APP_WITHOUT_ROLE = '10ca1000-0000-4000-8000-0000000000d5';

let byRole: SecondHost;
let byClientId: SecondHost;
beforeAll(async () => {
  [byRole, byClientId] = await Promise.all([
    startDoorHost(endpoints, { AUTH_MODE: 'entra' }),
    startDoorHost(endpoints, { AUTH_MODE: 'entra', AUTH_APP_ROLE: '', AUTH_ALLOWED_CLIENT_IDS: APP_WITHOUT_ROLE }),
  ]);
});
afterAll(() => Promise.all([byRole.stop(), byClientId.stop()]));

const tokenOf = (order: TokenOrder): Promise<string> => orderToken(endpoints.identity, order);
const clientAt = ({ gateway }: SecondHost, token: string) => clientFor({ ...endpoints, gateway }, token);

/** As a program gets one: its credentials at the tenant's own address. */
async function signIn(caller: string, version: '1.0' | '2.0'): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: caller, client_secret: `secret-of-${caller}` };
  const [path, target] =
    version === '2.0'
      ? ['oauth2/v2.0/token', { scope: `api://${API}/.default` }]
      : ['oauth2/token', { resource: `api://${API}` }];
  const answer = await fetch(`${endpoints.identity}/${TENANT}/${path}`, {
    method: 'POST',
    body: new URLSearchParams({ ...form, ...target }),
  });
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
}

const refusal = z.object({ error: z.object({ code: z.string(), message: z.string(), type: z.string() }) });

/** How a list is answered: the status, and what an error says. */
async function knock(
  { gateway }: SecondHost,
  headers: Record<string, string>,
): Promise<{ status: number; said: string }> {
  const answer = await fetch(`${gateway}/openai/v1/responses`, { headers });
  const body: unknown = await answer.json();
  return { status: answer.status, said: answer.ok ? '' : refusal.parse(body).error.message };
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe('callers of the tenant', () => {
  it.each(['logic-app', 'alice', 'app-with-role'])(
    '%s owns what it makes, whichever version its token has and whatever it calls the audience',
    async (caller) => {
      const { id } = await clientAt(byRole, await tokenOf({ caller, version: '1.0' })).responses.create({
        model,
        input: `Say hello to ${caller}`,
      });
      for (const order of [
        { caller, version: '2.0' },
        { caller, version: '1.0', audience: `api://${API}` },
        { caller, version: '2.0', audience: API },
      ]) {
        expect((await clientAt(byRole, await tokenOf(order)).responses.retrieve(id)).id).toBe(id);
      }
      const bob = clientAt(byRole, await tokenOf({ caller: 'bob' }));
      await expect(bob.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
      await expect(bob.responses.create({ model, input: 'And?', previous_response_id: id })).rejects.toMatchObject({
        status: 400,
        code: 'previous_response_not_found',
      });
    },
  );

  it.each(['1.0', '2.0'] as const)('get in with what the tenant gives for their credentials (%s)', async (version) => {
    expect(await knock(byRole, bearer(await signIn('logic-app', version)))).toEqual({ status: 200, said: '' });
    expect(await knock(byRole, { 'api-key': await signIn('app-with-role', version) })).toMatchObject({ status: 200 });
    expect(await knock(byRole, bearer(await signIn('app-without-role', version)))).toMatchObject({
      status: 403,
      said: expect.stringContaining('Responses.Use'),
    });
  });

  it('get in by client id where no role is asked for, and only by that', async () => {
    expect(await knock(byClientId, bearer(await signIn('app-without-role', '1.0')))).toMatchObject({ status: 200 });
    expect(await knock(byClientId, bearer(await signIn('app-without-role', '2.0')))).toMatchObject({ status: 200 });
    expect(await knock(byClientId, bearer(await signIn('app-with-role', '2.0')))).toMatchObject({ status: 403 });
    expect(await knock(byClientId, bearer(await tokenOf({ caller: 'alice' })))).toMatchObject({ status: 403 });
  });
});

it('without a role and without client ids the gateway lets nobody in, and says why', async () => {
  const open = await startDoorHost(endpoints, { AUTH_MODE: 'entra', AUTH_APP_ROLE: '' });
  try {
    const health = await fetch(`${open.gateway}/health`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ faults: [expect.stringContaining('AUTH_APP_ROLE')] });
    const headers = bearer(await tokenOf({ caller: 'alice' }));
    const refused = await fetch(`${open.gateway}/openai/v1/responses`, { headers });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('x-should-retry')).toBe('false');
    expect(await refused.json()).toMatchObject({ error: { code: 'misconfigured', param: null } });
    // Whoever follows a job link meanwhile must not take the job for gone.
    for (const path of ['/jobs/resp_1?token=a', '/chains', '/documents/1', '/webhooks/deliveries', '/v1/responses']) {
      expect([path, (await fetch(`${open.gateway}${path}`, { headers })).status]).toEqual([path, 503]);
    }
    expect((await fetch(`${open.gateway}/openapi.json`)).status).toBe(200);
  } finally {
    await open.stop();
  }
});

describe('a token', () => {
  const STATUS: Partial<Record<Flaw, number>> = { 'no-role': 403 };

  it.each(FLAWS.flatMap((flaw) => [[flaw, '1.0'] as const, [flaw, '2.0'] as const]))(
    'that is %s is refused (%s)',
    async (flaw, version) => {
      const token = await tokenOf({ caller: 'alice', flaw, version });
      const { status, said } = await knock(byRole, bearer(token));
      expect(status).toBe(STATUS[flaw] ?? 401);
      expect(said).toMatch(flaw === 'expired' ? /has expired/ : flaw === 'no-role' ? /app role/ : /not valid here/);
      expect(said).not.toContain(token);
    },
  );

  it('of another tenant is refused, and so is no token at all', async () => {
    expect((await knock(byRole, bearer(await tokenOf({ caller: 'foreign-app' })))).status).toBe(401);
    for (const headers of [{}, bearer('any-key'), { 'api-key': 'local' }, { 'x-ms-client-principal-id': 'alice' }]) {
      expect((await knock(byRole, headers)).status).toBe(401);
    }
  });

  it('signed with a key that the tenant has had for a second is let in, beside those of the key before', async () => {
    const before = await tokenOf({ caller: 'alice' });
    expect(await knock(byRole, bearer(before))).toMatchObject({ status: 200 });
    await rotateKeys(endpoints.identity);
    const after = await tokenOf({ caller: 'alice' });
    await expect.poll(() => knock(byRole, bearer(after)), { timeout: 5_000 }).toMatchObject({ status: 200 });
    expect(await knock(byRole, bearer(before))).toMatchObject({ status: 200 });
  });
});
