import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { rawCaller } from '../../support/raw.ts';
import { startDoorHost, type SecondHost } from '../../support/second-host.ts';
import { newCaller } from '../../support/world.ts';

/** A webhook whose name leads to this machine, on a host that may call public addresses only. */

const endpoints = inject('endpoints');

let connections = 0;
const receiver = createServer((socket) => {
  connections += 1;
  socket.destroy();
});
let host: SecondHost;
beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, resolve));
  host = await startDoorHost(endpoints, {
    OUTBOUND_ALLOW_PRIVATE: 'false',
    WEBHOOK_URL: `https://localhost:${(receiver.address() as AddressInfo).port}/hooks`,
    WEBHOOK_SECRETS: `whsec_${randomBytes(24).toString('base64')}`,
    POLL_INTERVAL_SECONDS: '0.1',
  });
});
afterAll(async () => {
  await host.stop();
  receiver.close();
});

it('is never connected to: the message waits among those that were not delivered', async () => {
  const { key } = newCaller(endpoints);
  const body = { model: 'gpt-4.1', input: 'Say hello', background: true };
  const { id } = (await rawCaller(host, key).call('POST', '/responses', body)).body;
  const deliveries = async (): Promise<unknown> =>
    (await fetch(`${host.gateway}/webhooks/deliveries`, { headers: { 'api-key': key } })).json();
  await expect
    .poll(deliveries, { timeout: 20_000 })
    .toMatchObject({ data: [{ id, state: 'retrying', attempts: 1, last_status: null }] });
  expect(connections).toBe(0);
});
