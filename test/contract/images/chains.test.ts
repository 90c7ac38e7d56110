import type OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { IMAGE_BASE64 } from '../../support/chain-proof.ts';
import { chainIdOf } from '../../support/chains.ts';
import { collect, faultsOf, openStream } from '../../support/event-stream.ts';
import { forget } from '../../support/forgetting.ts';
import { rawCaller } from '../../support/raw.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller, openBlobs, openDatabase } from '../../support/world.ts';

const endpoints = inject('endpoints');
const model = 'gpt-4.1';
const tools: OpenAI.Responses.Tool[] = [{ type: 'image_generation' }];
const BASE64 = new RegExp(IMAGE_BASE64, 'g');

const imagesIn = (value: unknown): number => (JSON.stringify(value).match(BASE64) ?? []).length;

describe('a chain of 20 images', () => {
  it('stays small: its base64 is in no document and no history, and in a later request only where an edit needs it', async () => {
    const { client } = newCaller(endpoints);
    const azure = steer(endpoints);
    const metadata = { marker: azure.marker };
    let last: string | undefined;
    for (let turn = 0; turn < 20; turn += 1) {
      const background = turn % 5 === 4;
      const input = turn === 0 ? 'Draw a red square' : 'Change the image: make it blue';
      const made = await client.responses.create({
        model,
        input,
        tools,
        metadata,
        background,
        previous_response_id: last,
      });
      last = made.id;
      await expect
        .poll(async () => (await client.responses.retrieve(made.id)).status, { timeout: 20_000 })
        .toBe('completed');
    }
    await client.responses.create({ model, input: 'Say hello', metadata, previous_response_id: last });

    const requests = (await azure.requests()).filter(
      ({ method, path }) => method === 'POST' && path.endsWith('/responses'),
    );
    expect(requests.map(({ body }) => imagesIn(body))).toEqual([0, ...Array.from({ length: 19 }, () => 1), 0]);

    const chain = chainIdOf(last ?? '');
    const items = (await openDatabase(endpoints)).container('chains').items;
    const { resources } = await items.readAll({ partitionKey: chain }).fetchAll();
    expect(resources).toHaveLength(21);
    for (const document of resources) {
      expect(imagesIn(document)).toBe(0);
      expect(JSON.stringify(document).length).toBeLessThan(16 * 1024);
    }
    const history = await fetch(
      `${endpoints.gateway}/runtime/webhooks/durabletask/instances/${last}?showHistory=true&showHistoryOutput=true&showInput=true`,
    );
    expect(history.status).toBe(200);
    expect(imagesIn(await history.json())).toBe(0);
  }, 60_000);
});

describe('a stored image that was changed', () => {
  it('is a clear error wherever its bytes are asked for, and never wrong bytes', async () => {
    const { client, key } = newCaller(endpoints);
    const caller = rawCaller(endpoints, key);
    const made = await client.responses.create({ model, input: 'Draw a red square', tools });
    const images = (await openBlobs(endpoints)).getContainerClient('images');
    for await (const blob of images.listBlobsFlat({ prefix: chainIdOf(made.id) })) {
      const bytes = await images.getBlobClient(blob.name).downloadToBuffer();
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      await images.getBlockBlobClient(blob.name).uploadData(bytes);
    }
    const [image] = made.output;
    const damaged = {
      status: 503,
      body: { error: { code: 'store_unavailable', message: 'The stored image is damaged.' } },
    };
    const path = `/responses/${made.id}`;
    expect(await caller.call('GET', path)).toMatchObject(damaged);
    expect(await caller.call('GET', `${path}/images/${image?.id}`)).toMatchObject(damaged);
    const next = { model, input: 'Change the image: make it blue', previous_response_id: made.id };
    expect(await caller.call('POST', '/responses', { ...next, tools })).toMatchObject(damaged);
    // Who needs no bytes is not kept from the rest.
    expect((await caller.call('GET', `${path}?images=url`)).status).toBe(200);
    const told = await client.responses.create({ model, input: 'Say hello', previous_response_id: made.id });
    await forget(endpoints, told.id);
    const again = { model, input: 'Say hello', previous_response_id: told.id };
    expect(await caller.call('POST', '/responses', again)).toMatchObject(damaged);
  });
});

describe('a stream with the image tool', () => {
  it.each([false, true])(
    'has every event in its order, the final image also as a partial one (background: %s)',
    async (background) => {
      const { key } = newCaller(endpoints);
      const events = await collect(await openStream(endpoints, key, { input: 'Draw a red square', tools, background }));
      expect(faultsOf(events)).toEqual([]);
      const types = events.map(({ type }) => type.replace('response.', ''));
      const image = types.indexOf('output_item.added');
      expect(types.slice(0, image)).toEqual(['created', 'in_progress']);
      expect(types.slice(image, image + 6)).toEqual([
        'output_item.added',
        'image_generation_call.in_progress',
        'image_generation_call.generating',
        'image_generation_call.partial_image',
        'image_generation_call.completed',
        'output_item.done',
      ]);
      expect(types.at(-1)).toBe('completed');
      const [partial] = events.filter(({ type }) => type.endsWith('partial_image'));
      const done = events.find(({ type }) => type === 'response.output_item.done');
      expect(partial?.partial_image_b64).toBe((done?.item as { result?: string } | undefined)?.result);
    },
  );
});
