import type { Container } from '@azure/cosmos';
import { z } from 'zod';
import type { Endpoints } from '../../local/world/endpoints.ts';
import { chainIdOf } from './chains.ts';
import { eventually } from './eventually.ts';
import { cosmosControl } from './stores.ts';
import { openDatabase } from './world.ts';

const stored = z.looseObject({
  id: z.string(),
  status: z.string(),
  createdAt: z.number(),
  service: z.object({ id: z.string() }).optional(),
  run: z
    .looseObject({
      attempts: z.number(),
      unanswered: z.number().optional(),
      possiblyDuplicated: z.boolean().optional(),
      endedHere: z.boolean().optional(),
      lease: z.object({ until: z.number() }).optional(),
      webhook: z.object({ state: z.string() }).optional(),
    })
    .optional(),
});

const status = z.object({ runtimeStatus: z.string() });

/** A record as it lies in the store, for what no door shows. */
export type StoredRecord = z.infer<typeof stored>;

export async function recordsIn(endpoints: Endpoints): Promise<Container> {
  return (await openDatabase(endpoints)).container('chains');
}

/** Undefined when there is none. */
export async function recordOf(endpoints: Endpoints, id: string): Promise<StoredRecord | undefined> {
  const { resource } = await (await recordsIn(endpoints)).item(id, chainIdOf(id)).read();
  return stored.optional().parse(resource);
}

/** Changes a record behind the app's back: as a crash would have left it, or as it looks after a while. */
export async function alter(endpoints: Endpoints, id: string, changes: Record<string, unknown>): Promise<void> {
  const operations = Object.entries(changes).map(([path, value]) => ({ op: 'set' as const, path: `/${path}`, value }));
  await (await recordsIn(endpoints)).item(id, chainIdOf(id)).patch(operations);
}

/** Plans a fault of the Cosmos DB stand-in, for requests that hold a text. */
export const planStore = async (endpoints: Endpoints, fault: Record<string, unknown>): Promise<void> => {
  await cosmosControl(endpoints, 'POST', 'faults', fault);
};

/** How many requests the stand-in holds back because of this text. */
export async function heldFor(endpoints: Endpoints, contains: string): Promise<number> {
  const held = z
    .array(z.object({ contains: z.string().optional() }))
    .parse(await cosmosControl(endpoints, 'GET', 'held'));
  return held.filter((fault) => fault.contains === contains).length;
}

export const release = async (endpoints: Endpoints, contains: string): Promise<void> => {
  await cosmosControl(endpoints, 'POST', `release?contains=${encodeURIComponent(contains)}`);
};

/** Runs a timer function of a host now. */
export async function fire({ gateway }: Pick<Endpoints, 'gateway'>, timer: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${gateway}/admin/functions/${timer}`, { method: 'POST', headers, body: '{}' });
  if (answer.status !== 202) throw new Error(`${timer} was not fired: ${answer.status}`);
}

/** Starts the loop of a response on a host, as the create and the reconciler do. Gives the host's answer. */
export async function startLoop({ gateway }: Pick<Endpoints, 'gateway'>, id: string): Promise<number> {
  const path = `runtime/webhooks/durabletask/orchestrators/runResponse/${id}`;
  return (await fetch(`${gateway}/${path}`, { method: 'POST' })).status;
}

/** Ends the loop of a response, as nobody would: what is left is a run that nothing drives. */
export const endLoop = (endpoints: Pick<Endpoints, 'gateway'>, id: string): Promise<void> =>
  steerLoop(endpoints, id, 'terminate', 'Terminated');

/** Holds the loop of a response on: it is at work for whoever asks, and does not move. */
export const suspendLoop = (endpoints: Pick<Endpoints, 'gateway'>, id: string): Promise<void> =>
  steerLoop(endpoints, id, 'suspend', 'Suspended');

async function steerLoop(
  { gateway }: Pick<Endpoints, 'gateway'>,
  id: string,
  verb: string,
  wanted: string,
): Promise<void> {
  const instance = `${gateway}/runtime/webhooks/durabletask/instances/${id}`;
  await fetch(`${instance}/${verb}?reason=test`, { method: 'POST' });
  await eventually(`the loop of ${id} to be ${wanted}`, async () => {
    const { runtimeStatus } = status.parse(await (await fetch(instance)).json());
    return runtimeStatus === wanted ? true : undefined;
  });
}
