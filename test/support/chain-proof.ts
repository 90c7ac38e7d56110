import { expect } from 'vitest';
import { z } from 'zod';
import type { Endpoints } from '../../local/world/endpoints.ts';
import { chainIdOf, chainsApi } from './chains.ts';
import { collect, openStream } from './event-stream.ts';
import { KINDS, turnOf, turnsOf, type TurnMaker } from './item-kinds.ts';
import { rawCaller, type RawAnswer } from './raw.ts';
import { steer } from './simulator.ts';
import { contentsOf, cosmosControl } from './stores.ts';
import { clientFor, newCaller, openBlobs, openDatabase } from './world.ts';

const DOCUMENT_LIMIT_BYTES = 64 * 1024;
/** How the base64 of a PNG, a JPEG and a WebP begins. */
export const IMAGE_BASE64 = /iVBORw0KGgo|"\/9j\/|UklGR/;
const counts = z.record(z.string(), z.record(z.string(), z.number()));
const entry = z.looseObject({ id: z.string() });

/** What one plain turn costs: requests to Cosmos DB by container and operation, requests to the service, and their size. */
interface Cost {
  store: unknown;
  service: unknown;
  requestBytes: number;
}

/**
 * Makes a chain of so many turns with every kind of item, images, tools, forks, streams and background runs in it, and proves
 * that a turn costs the same at its end as at its beginning, that it stays small, and that it goes without a trace.
 */
export async function proveChain(endpoints: Endpoints, mcpUrl: string, turns: number): Promise<void> {
  const { key } = newCaller(endpoints);
  const maker: TurnMaker = { caller: rawCaller(endpoints, key), client: clientFor(endpoints, key), mcpUrl };
  const before = await contentsOf(endpoints);
  const { root, costs } = await grow(endpoints, maker, turns);
  expect(costs.at(-1)).toEqual(costs[0]);
  await expectSmall(endpoints, chainIdOf(root), turns);

  const api = chainsApi(endpoints, key);
  const removed = (await api.remove(`chains/${chainIdOf(root)}`)).removed;
  expect(removed).toMatchObject({ unfinished: 0 });
  expect(removed?.responses.length).toBeGreaterThan(turns);
  for (const kind of ['images', 'event_logs'] as const) expect(removed?.[kind]).toBeGreaterThan(0);
  for (const kind of ['files', 'containers'] as const) expect(removed?.[kind].length).toBeGreaterThan(0);
  // Responses outside of the chain, which items in it referred to.
  let receipts = 1;
  for (const { id } of (await api.list('?limit=100')).data) {
    await api.remove(`chains/${id}`);
    receipts += 1;
  }
  expect(await contentsOf(endpoints)).toEqual({ ...before, directory: before.directory + receipts });
}

/** Between two turns that are measured, every sixth is of one of the kinds, others fork, stream or run in the background. */
async function grow(
  endpoints: Endpoints,
  maker: TurnMaker,
  turns: number,
): Promise<{ root: string; costs: readonly Cost[] }> {
  const { caller } = maker;
  let last = await turnOf(caller, { input: 'My name is Ada.' });
  const root = last.body.id ?? '';
  const costs: Cost[] = [];
  for (let turn = 1; turn < turns;) {
    if (turn === 5 || turn === turns - 1) {
      const measured = await measure(endpoints, maker, last);
      costs.push(measured.cost);
      last = measured.answer;
      turn += 1;
    } else if (turn % 6 === 0 && turn < turns - 4) {
      const made = await turnsOf(KINDS[(turn / 6) % KINDS.length] ?? KINDS[0] ?? noKind(), maker, last);
      last = made.at(-1) ?? last;
      turn += made.length;
    } else {
      last = await simpleTurn(endpoints, maker, { last, turn });
      turn += 1;
    }
  }
  return { root, costs };
}

const noKind = (): never => {
  throw new Error('There are no kinds of items.');
};

async function simpleTurn(
  endpoints: Endpoints,
  { caller }: TurnMaker,
  { last, turn }: { last: RawAnswer; turn: number },
): Promise<RawAnswer> {
  const body = { input: 'Say hello' };
  if (turn % 20 === 7) {
    await Promise.all([turnOf(caller, { input: 'A fork' }, last), turnOf(caller, { ...body, background: true }, last)]);
  }
  if (turn % 20 !== 13) return turnOf(caller, body, last);
  const streamed = { ...body, previous_response_id: last.body.id, background: turn % 40 === 13 };
  const events = await collect(await openStream(endpoints, caller.key, streamed));
  return caller.call('GET', `/responses/${events[0]?.response?.id}`);
}

async function measure(
  endpoints: Endpoints,
  { caller }: TurnMaker,
  last: RawAnswer,
): Promise<{ cost: Cost; answer: RawAnswer }> {
  const azure = steer(endpoints);
  // The loops of background runs read, too.
  await expect.poll(() => loopsOf(endpoints), { timeout: 20_000 }).toEqual([]);
  await cosmosControl(endpoints, 'POST', 'reset');
  const answer = await turnOf(caller, { input: 'Say hello', metadata: { marker: azure.marker } }, last);
  const { metadata: _reads, ...store } = counts.parse(await cosmosControl(endpoints, 'GET', 'counts'));
  const requestBytes = JSON.stringify((await azure.requests()).map((request) => request.body)).length;
  return { cost: { store, service: (await azure.counts()).received, requestBytes }, answer };
}

/** Orchestrations that have not ended. */
async function loopsOf({ gateway }: Endpoints): Promise<unknown> {
  const query = 'runtimeStatus=Running,Pending&top=100';
  return (await fetch(`${gateway}/runtime/webhooks/durabletask/instances?${query}`)).json();
}

async function expectSmall(endpoints: Endpoints, chainId: string, turns: number): Promise<void> {
  const chains = (await openDatabase(endpoints)).container('chains');
  const { resources } = await chains.items.readAll({ partitionKey: chainId }).fetchAll();
  expect(resources.length).toBeGreaterThan(turns);
  for (const document of resources) {
    const text = JSON.stringify(document);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(DOCUMENT_LIMIT_BYTES);
    expect(IMAGE_BASE64.exec(text), `base64 in ${entry.parse(document).id}`).toBeNull();
  }
  const blobs = await openBlobs(endpoints);
  for (const name of ['payloads', 'events']) {
    const container = blobs.getContainerClient(name);
    for await (const blob of container.listBlobsFlat({ prefix: chainId })) {
      const text = (await container.getBlobClient(blob.name).downloadToBuffer()).toString('utf8');
      expect(IMAGE_BASE64.exec(text), `base64 in ${blob.name}`).toBeNull();
    }
  }
}
