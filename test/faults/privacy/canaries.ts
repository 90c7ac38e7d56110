import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { BlobServiceClient } from '@azure/storage-blob';
import { z } from 'zod';
import { openBlobs, openDatabase, type World } from '../../support/world.ts';

/** Words that stand nowhere else, so that whatever repeats them can be found. */
export class Canaries {
  readonly planted = new Map<string, string>();

  /** A new one, known by where it was put. */
  plant(where: string): string {
    const canary = `canary${randomUUID().replaceAll('-', '')}`;
    this.planted.set(where, canary);
    return canary;
  }

  /** Something that exists already and must not be seen either, such as a token. */
  watch(where: string, value: string): string {
    this.planted.set(where, value);
    return value;
  }

  /** Where the canaries come from that a text holds. */
  in(content: string): string[] {
    return [...this.planted].filter(([, canary]) => content.includes(canary)).map(([where]) => where);
  }
}

const instances = z.array(z.looseObject({ instanceId: z.string() }));

/** All that the orchestrations have kept: inputs, outputs and histories. */
export async function durableHistories({ endpoints }: World): Promise<string[]> {
  const address = `${endpoints.gateway}/runtime/webhooks/durabletask/instances`;
  const listed = instances.parse(await (await fetch(`${address}?showInput=true&top=1000`)).json());
  return Promise.all(
    listed.map(async ({ instanceId }) => {
      const query = 'showInput=true&showHistory=true&showHistoryOutput=true';
      return (await fetch(`${address}/${encodeURIComponent(instanceId)}?${query}`)).text();
    }),
  );
}

/** Every document of both containers. */
export async function records({ endpoints }: World): Promise<string[]> {
  const database = await openDatabase(endpoints);
  const found = await Promise.all(
    ['chains', 'directory'].map(async (name) => {
      const { resources } = await database.container(name).items.query<unknown>('SELECT * FROM c').fetchAll();
      return resources.map((each) => JSON.stringify(each));
    }),
  );
  return found.flat();
}

/** Names and contents of the blobs in these containers of the data account. */
export async function blobs({ endpoints }: World, containers: readonly string[]): Promise<string[]> {
  const service: BlobServiceClient = await openBlobs(endpoints);
  const found: string[] = [];
  for (const name of containers) {
    const container = service.getContainerClient(name);
    for await (const blob of container.listBlobsFlat({ includeMetadata: true })) {
      const { readableStreamBody } = await container.getBlobClient(blob.name).download();
      const content = readableStreamBody === undefined ? '' : await text(readableStreamBody);
      found.push(`${blob.name}\n${JSON.stringify(blob.metadata)}\n${content}`);
    }
  }
  return found;
}
