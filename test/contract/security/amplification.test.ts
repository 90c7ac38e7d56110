import { toFile } from 'openai';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { pngOf } from '../../support/pictures.ts';
import { rawCaller } from '../../support/raw.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

/** A small body that names large things many times would be a very large one at the service. */

const endpoints = inject('endpoints');
const { key, client } = newCaller(endpoints);
const caller = rawCaller(endpoints, key);
const model = 'gpt-4.1';

let picture: string;
let item: string;
beforeAll(async () => {
  const bytes = pngOf(800, 800, [0, 0, 0], true);
  const [file, response] = await Promise.all([
    client.files.create({ file: await toFile(bytes, 'large.png', { type: 'image/png' }), purpose: 'vision' }),
    client.responses.create({ model, input: `Say hello. ${'-'.repeat(2_000_000)}` }),
  ]);
  picture = file.id;
  const { data } = await client.responses.inputItems.list(response.id);
  item = data[0]?.id ?? '';
});

describe('a body that would grow beyond 100 MB', () => {
  it.each([
    [
      'pictures by their file id',
      () => {
        const content = Array.from({ length: 200 }, () => ({ type: 'input_image', file_id: picture }));
        return [{ role: 'user', content }];
      },
    ],
    ['items by reference', () => Array.from({ length: 200 }, () => ({ type: 'item_reference', id: item }))],
  ])('is refused before it does: %s', async (_what, inputOf) => {
    const azure = steer(endpoints);
    const body = { model, input: [...inputOf(), { role: 'user', content: azure.marker }] };
    expect(await caller.call('POST', '/responses', body)).toMatchObject({
      status: 413,
      body: { error: { code: 'body_too_large', param: 'input' } },
    });
    expect((await azure.counts()).received).toEqual({});
  });

  it('is fine with a few of them', async () => {
    const parts = Array.from({ length: 3 }, () => ({ type: 'input_image', file_id: picture, detail: 'low' }));
    const input = [{ role: 'user', content: [{ type: 'input_text', text: 'What is it?' }, ...parts] }];
    expect((await caller.call('POST', '/responses', { model, input })).status).toBe(200);
  });
});
