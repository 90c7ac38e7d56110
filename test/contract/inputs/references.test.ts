import type OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { dataUri, pngOf } from '../../support/pictures.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const model = 'gpt-4.1';
type Input = OpenAI.Responses.ResponseInput;

describe('item references', () => {
  it('are replaced by the caller’s own items, of inputs and of outputs', async () => {
    const { client } = newCaller(endpoints);
    const first = await client.responses.create({ model, input: 'My name is Ada.' });
    const { data } = await client.responses.inputItems.list(first.id);
    const input: Input = [
      { type: 'item_reference', id: data[0]?.id ?? '' },
      { type: 'item_reference', id: first.output[0]?.id ?? '' },
      { role: 'user', content: 'What is my name?' },
    ];
    const second = await client.responses.create({ model, input });
    expect(second.output_text).toContain('Ada');
    expect((await client.responses.inputItems.list(second.id)).data).toHaveLength(3);
  });

  it('to items of somebody else, of deleted responses and of nobody are refused alike', async () => {
    const { client } = newCaller(endpoints);
    const stranger = newCaller(endpoints).client;
    const gone = await client.responses.create({ model, input: 'gone' });
    await client.responses.delete(gone.id);
    const kept = await client.responses.create({ model, input: 'kept' });
    for (const [who, id] of [
      [stranger, kept.output[0]?.id],
      [client, gone.output[0]?.id],
      [client, 'msg_nobody'],
    ] as const) {
      const input: Input = [{ type: 'item_reference', id: id ?? '' }];
      await expect(who.responses.create({ model, input })).rejects.toMatchObject({
        status: 400,
        code: 'reference_not_found',
        message: expect.stringContaining(id ?? ''),
      });
      await expect(who.responses.inputTokens.count({ model, input })).rejects.toMatchObject({ status: 400 });
      await expect(who.responses.compact({ model, input })).rejects.toMatchObject({ status: 400 });
    }
  });
});

describe('images by file id', () => {
  it('are sent to the service as data, and stay file ids for the caller', async () => {
    const { client } = newCaller(endpoints);
    const azure = steer(endpoints);
    const png = pngOf(30, 20, [0, 160, 0]);
    const file = new File([new Uint8Array(png)], 'green.png', { type: 'image/png' });
    const { id: file_id } = await client.files.create({ file, purpose: 'vision' });
    const content = [
      { type: 'input_text' as const, text: `What is in this image? ${azure.marker}` },
      { type: 'input_image' as const, file_id, detail: 'auto' as const },
    ];
    const made = await client.responses.create({ model, input: [{ role: 'user', content }] });
    expect(made.output_text).toMatch(/green/i);
    const [request] = await azure.requests();
    expect(JSON.stringify(request)).toContain(dataUri(png, 'image/png').slice(0, 60));
    expect(JSON.stringify(request)).not.toContain(file_id);
    const [message] = (await client.responses.inputItems.list(made.id)).data;
    expect(message).toMatchObject({ content: [{ type: 'input_text' }, { type: 'input_image', file_id }] });
    const next = await client.responses.create({
      model,
      input: 'What is in the image?',
      previous_response_id: made.id,
    });
    expect(next.output_text).toMatch(/green/i);
  });
});

describe('addresses of images in lists of input items', () => {
  it('are shown when they are included', async () => {
    const { client } = newCaller(endpoints);
    const image_url = dataUri(pngOf(10, 10, [9, 9, 9]), 'image/png');
    const content = [{ type: 'input_image' as const, image_url, detail: 'low' as const }];
    const { id } = await client.responses.create({ model, input: [{ role: 'user', content }] });
    const hidden = await client.responses.inputItems.list(id);
    expect(hidden.data).toMatchObject([{ content: [{ image_url: null }] }]);
    const shown = await client.responses.inputItems.list(id, { include: ['message.input_image.image_url'] });
    expect(shown.data).toMatchObject([{ content: [{ image_url }] }]);
  });
});
