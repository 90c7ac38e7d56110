import { createHmac } from 'node:crypto';
import { Agent } from 'node:https';
import { CosmosClient } from '@azure/cosmos';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCosmos } from '../../../../local/cosmos/server.ts';
import { listen, type RunningServer } from '../../../../local/kit/server.ts';
import { statusOf } from '../../../conformance/cosmos/status-of.ts';

const issuer = 'https://tenant.example/v1/';

describe('authentication with a token', () => {
  let issuing: RunningServer;
  let cosmos: Awaited<ReturnType<typeof startCosmos>>;
  let agent: Agent;
  let sign: (claims: JWTPayload, seconds?: number) => Promise<string>;
  let signWithAnotherKey: typeof sign;

  async function signer() {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const make: typeof sign = (claims, seconds = 600) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
        .sign(privateKey);
    return { publicKey, make };
  }

  beforeAll(async () => {
    const { publicKey, make } = await signer();
    sign = make;
    signWithAnotherKey = (await signer()).make;
    const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] };
    issuing = await listen((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(keys));
    });
    const certificate = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    agent = new Agent({ ca: certificate.cert });
    cosmos = await startCosmos({
      tls: { cert: certificate.cert, key: certificate.private },
      tokens: { issuer, jwksUri: `${issuing.address}/keys` },
    });
    const owner = new CosmosClient({ endpoint: cosmos.address, key: cosmos.key, agent });
    const { database } = await owner.databases.create({ id: 'd' });
    const { container } = await database.containers.create({ id: 'c', partitionKey: { paths: ['/pk'] } });
    await container.items.create({ id: '1', pk: 'a' });
    owner.dispose();
  });
  afterAll(async () => {
    agent.destroy();
    await Promise.all([cosmos.stop(), issuing.stop()]);
  });

  /** A client that shows this token, whatever it is asked for. */
  async function withToken<T>(token: string, use: (client: CosmosClient) => Promise<T>): Promise<T> {
    const aadCredentials = {
      getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    const client = new CosmosClient({ endpoint: cosmos.address, aadCredentials, agent });
    try {
      return await use(client);
    } finally {
      client.dispose();
    }
  }

  const read = (token: string) =>
    withToken(token, (client) => statusOf(client.database('d').container('c').item('1', 'a').read()));

  it("lets in a token for the account's address", async () => {
    expect(await read(await sign({ iss: issuer, aud: cosmos.address }))).toBe(200);
    expect(await read(await sign({ iss: issuer, aud: `${cosmos.address}/` }))).toBe(200);
  });

  it.each<[string, () => Promise<string>]>([
    ['another audience', () => sign({ iss: issuer, aud: 'https://storage.azure.com' })],
    ['another issuer', () => sign({ iss: 'https://elsewhere.example/', aud: cosmos.address })],
    ['an expired one', () => sign({ iss: issuer, aud: cosmos.address }, -60)],
    ['another signature', () => signWithAnotherKey({ iss: issuer, aud: cosmos.address })],
    ['no token at all', () => Promise.resolve('nonsense')],
  ])('refuses %s: 401', async (_name, make) => {
    expect(await read(await make())).toBe(401);
  });

  it('lets a token work with items but not make or change databases and containers: 403', async () => {
    await withToken(await sign({ iss: issuer, aud: cosmos.address }), async (client) => {
      const container = client.database('d').container('c');
      expect(await statusOf(container.read())).toBe(200);
      expect(await statusOf(container.items.upsert({ id: '2', pk: 'a' }))).toBe(201);
      expect(await statusOf(container.items.query('SELECT * FROM c').fetchAll())).toBe(200);
      expect(await statusOf(client.databases.create({ id: 'new' }))).toBe(403);
      expect(await statusOf(container.delete())).toBe(403);
    });
  });
});

describe('authentication with a key', () => {
  let cosmos: Awaited<ReturnType<typeof startCosmos>>;
  const key = Buffer.from('a key of our own').toString('base64');

  beforeAll(async () => {
    cosmos = await startCosmos({ key });
  });
  afterAll(() => cosmos.stop());

  const readAccount = async (headers: Record<string, string>) => (await fetch(cosmos.address, { headers })).status;

  it('lets in the key it was started with, and no other', async () => {
    expect(cosmos.key).toBe(key);
    for (const [tried, status] of [
      [key, 201],
      [Buffer.from('another').toString('base64'), 401],
    ] as const) {
      const client = new CosmosClient({ endpoint: cosmos.address, key: tried });
      expect(await statusOf(client.databases.create({ id: 'd' }))).toBe(status);
      client.dispose();
    }
  });

  it('refuses requests without authorization, and of a kind it does not offer', async () => {
    expect(await readAccount({})).toBe(401);
    expect(await readAccount({ authorization: 'type=master&ver=1.0&sig=x' })).toBe(401);
    expect(await readAccount({ authorization: 'type=resource&ver=1.0&sig=x' })).toBe(401);
    expect(await readAccount({ authorization: 'type=aad&ver=1.0&sig=x' })).toBe(401);
    expect(await readAccount({ authorization: '%' })).toBe(401);
  });

  it('refuses a signature that is a quarter of an hour old', async () => {
    const signed = (date: Date) => {
      const text = `get\n\n\n${date.toUTCString().toLowerCase()}\n\n`;
      const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');
      const authorization = encodeURIComponent(`type=master&ver=1.0&sig=${signature}`);
      return { authorization, 'x-ms-date': date.toUTCString() };
    };
    expect(await readAccount(signed(new Date()))).toBe(200);
    expect(await readAccount(signed(new Date(Date.now() - 16 * 60_000)))).toBe(403);
  });
});
