import { z } from 'zod';
import type { Endpoints } from '../../local/world/endpoints.ts';
import { simulatorControl } from './simulator.ts';
import { openBlobs, trust } from './world.ts';

const count = z.object({ count: z.number() });
const state = z.object({ responses: z.number(), files: z.number(), containers: z.number(), running: z.number() });
const instances = z.array(z.looseObject({ instanceId: z.string() }));

/** What lies in every store of a world. */
export interface Contents {
  chains: number;
  directory: number;
  blobs: Record<string, number>;
  service: z.infer<typeof state>;
  histories: number;
}

export const BLOB_CONTAINERS = ['images', 'files', 'payloads', 'events'] as const;

/** Counts everything, everywhere. */
export async function contentsOf(endpoints: Endpoints): Promise<Contents> {
  const blobs = await openBlobs(endpoints);
  const counted: Record<string, number> = {};
  for (const name of BLOB_CONTAINERS) {
    counted[name] = 0;
    for await (const _blob of blobs.getContainerClient(name).listBlobsFlat()) counted[name] += 1;
  }
  const [chains, directory, service, histories] = await Promise.all([
    countDocuments(endpoints, 'container=chains'),
    countDocuments(endpoints, 'container=directory'),
    simulatorControl(endpoints, 'GET', 'state').then((answer) => state.parse(answer)),
    historiesOf(endpoints),
  ]);
  return { chains, directory, blobs: counted, service, histories: histories.length };
}

/** Documents by a query of the stand-in's control door, such as `container=chains&contains=...`. */
export async function countDocuments(endpoints: Endpoints, query: string): Promise<number> {
  return count.parse(await cosmosControl(endpoints, 'GET', `documents?database=gateway&${query}`)).count;
}

export async function cosmosControl(
  endpoints: Endpoints,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  await trust(endpoints);
  const answer = await fetch(`${endpoints.cosmos}/_control/${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The Cosmos DB stand-in answered ${answer.status}: ${text}`);
  const parsed: unknown = text === '' ? undefined : JSON.parse(text);
  return parsed;
}

/** Ids of all orchestrations in the task hub. */
async function historiesOf({ gateway }: Endpoints): Promise<string[]> {
  const answer = await fetch(`${gateway}/runtime/webhooks/durabletask/instances?top=10000`);
  return instances.parse(await answer.json()).map(({ instanceId }) => instanceId);
}
