import { describe, expect, it } from 'vitest';
import { startReceiver } from '../../support/receiver.ts';
import { createSendOutbound, ForbiddenAddress, refusePrivate } from '../../../src/platform/outbound.ts';

const call = { method: 'POST', headers: {}, body: '{}', timeoutMs: 5_000 } as const;

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
  ])('never reach %s', (address) => {
    expect(() => refusePrivate(address)).toThrow(ForbiddenAddress);
  });

  it.each(['20.50.1.2', '2603:1030:20e::23'])('may reach %s', (address) => {
    expect(() => refusePrivate(address)).not.toThrow();
  });

  it.each([
    'http://example.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://2130706433/',
    'https://localhost:1/',
  ])('are refused for %s before anything is sent', async (address) => {
    await expect(createSendOutbound({ allowPrivate: false })(address, call)).rejects.toThrow();
  });

  it('are allowed to this machine where that was asked for, and follow no redirect', async () => {
    const receiver = await startReceiver();
    const send = createSendOutbound({ allowPrivate: true });
    expect(await send(receiver.address, call)).toBe(200);
    receiver.answer(307);
    expect(await send(receiver.address, call)).toBe(307);
    await receiver.stop();
  });
});
