import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import dns, { type LookupAddress } from 'node:dns';
import type { ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { BlockList, createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startReceiver } from '../../support/receiver.ts';
import { createSendOutbound, ForbiddenAddress, refusePrivate } from '../../../src/platform/outbound.ts';

/** Fails with what is at the bottom of a failed call. */
async function send(guard: { allowPrivate: boolean }, address: string): Promise<number> {
  try {
    return await createSendOutbound(guard)(address, call);
  } catch (error) {
    throw error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  }
}

const call = { headers: {}, body: '{}', timeoutMs: 5_000 } as const;

/** Any public address: nothing is ever sent to it. */
const PUBLIC = '20.50.1.2';

/** Notes where the http client is about to connect to, and keeps it from {@link PUBLIC}. */
function watchAttempts(): { made: string[]; stop: () => void } {
  const made: string[] = [];
  const blockList = new BlockList();
  blockList.addAddress(PUBLIC);
  const watch = (message: unknown): void => {
    const { request } = message as { request: ClientRequest };
    request.once('socket', (socket) => {
      Object.assign(socket, { blockList });
      socket.on('connectionAttempt', (address: string) => made.push(address));
    });
  };
  subscribe('http.client.request.created', watch);
  return { made, stop: () => unsubscribe('http.client.request.created', watch) };
}

describe('calls to addresses from outside', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '168.63.129.16',
    '::ffff:168.63.129.16',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b:1::a00:1',
    '::127.0.0.1',
    '::7f00:1',
    '::',
    '::ffff:0:127.0.0.1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'fec0::1',
    'ff02::1',
    '100::1',
    '0.1.2.3',
    '192.0.0.170',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '169.254.170.2',
    'fd00:ec2::254',
  ])('never reach %s', (address) => {
    expect(() => refusePrivate(address)).toThrow(ForbiddenAddress);
  });

  it.each(['20.50.1.2', '2603:1030:20e::23'])('may reach %s', (address) => {
    expect(() => refusePrivate(address)).not.toThrow();
  });

  describe('of this machine', () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    let port: number;
    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, resolve));
      port = (server.address() as AddressInfo).port;
    });
    afterAll(() => server.close());

    it.each([
      'http://127.0.0.1',
      'https://127.0.0.1',
      'https://127.0.0.1.',
      'https://127.1',
      'https://2130706433',
      'https://0x7f.0.0.1',
      'https://0177.0.0.1',
      'https://\u2460\u2461\u2466.0.0.1',
      'https://0.0.0.0',
      'https://[::1]',
      'https://[::]',
      'https://[::127.0.0.1]',
      'https://[::ffff:127.0.0.1]',
      'https://localhost',
      'https://LOCALHOST',
      'https://user:password@localhost',
    ])('are refused for %s before a connection is made', async (origin) => {
      await expect(send({ allowPrivate: false }, `${origin}:${port}/`)).rejects.toBeInstanceOf(ForbiddenAddress);
      expect(connections).toBe(0);
    });

    it('go to the address that was checked, also when the name leads here a moment later', async () => {
      const rebound = vi.spyOn(dns, 'lookup');
      const answers = [{ address: PUBLIC, family: 4 }];
      rebound.mockImplementation((...given: unknown[]) => {
        const found = given.at(-1) as (error: null, addresses: LookupAddress[]) => void;
        // Later, as every lookup: by then the request has its socket.
        setImmediate(found, null, [answers.shift() ?? { address: '127.0.0.1', family: 4 }]);
      });
      syncBuiltinESMExports();
      const attempts = watchAttempts();
      try {
        await expect(send({ allowPrivate: false }, `https://rebinding.example:${port}/`)).rejects.toMatchObject({
          code: 'ERR_IP_BLOCKED',
        });
      } finally {
        attempts.stop();
        rebound.mockRestore();
        syncBuiltinESMExports();
      }
      expect(attempts.made).toEqual([PUBLIC]);
      expect(connections).toBe(0);
    });

    it('would get there otherwise', async () => {
      await expect(send({ allowPrivate: true }, `https://localhost:${port}/`)).rejects.toThrow();
      expect(connections).toBeGreaterThan(0);
    });
  });

  it('are allowed to this machine where that was asked for, and follow no redirect', async () => {
    const receiver = await startReceiver();
    const send = createSendOutbound({ allowPrivate: true });
    const address = new URL('/', receiver.address).href;
    expect(await send(address, call)).toBe(200);
    receiver.answer(307);
    expect(await send(address, call)).toBe(307);
    await receiver.stop();
  });
});
