import type OpenAI from 'openai';
import { expect } from 'vitest';
import { startReceiver, type Receiver } from './receiver.ts';
import { recordOf, type StoredRecord } from './records.ts';
import { startShiftedHost, type ShiftedHost } from './second-host.ts';
import { steer, type Steering } from './simulator.ts';
import { clientFor, newCaller, startWorld, type World } from './world.ts';

export const PATIENCE = { timeout: 40_000, interval: 100 };

/** One caller, at either host. */
export interface Given {
  key: string;
  client: OpenAI;
  /** The same caller, at the second host. */
  elsewhere: OpenAI;
  azure: Steering;
}

/** Two hosts on the same stores, as two instances in Azure. The clock of the second can be set. */
export interface TwoHosts {
  readonly receiver: Receiver;
  readonly world: World;
  readonly second: ShiftedHost;
  given(): Given;
  stored(id: string): Promise<StoredRecord | undefined>;
  /** Waits until the record has a status. */
  becomes(id: string, status: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startTwoHosts(): Promise<TwoHosts> {
  const receiver = await startReceiver();
  const environment = {
    WEBHOOK_URL: receiver.address,
    WEBHOOK_SECRETS: receiver.secret,
    POLL_INTERVAL_SECONDS: '0.1',
    POLL_MAX_INTERVAL_SECONDS: '1',
  };
  const world = await startWorld({ environment });
  const second = await startShiftedHost(world.endpoints, environment);
  const stored = (id: string): Promise<StoredRecord | undefined> => recordOf(world.endpoints, id);
  return {
    receiver,
    world,
    second,
    given() {
      const { key, client } = newCaller(world.endpoints);
      const elsewhere = clientFor({ ...world.endpoints, gateway: second.gateway }, key);
      return { key, client, elsewhere, azure: steer(world.endpoints) };
    },
    stored,
    becomes: (id, status) => expect.poll(async () => (await stored(id))?.status ?? 'none', PATIENCE).toBe(status),
    async stop() {
      await second.stop();
      await world.stop();
      await receiver.stop();
    },
  };
}

/** Creates a background response at one of the hosts. */
export const begin = async ({ azure }: Given, client: OpenAI): Promise<string> =>
  (await client.responses.create({ model: 'gpt-4.1', input: `Say ${azure.marker}`, background: true })).id;
