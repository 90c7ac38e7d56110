import type OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { dataUri, pngOf } from '../../support/pictures.ts';
import { forget } from '../../support/forgetting.ts';
import { rawCaller } from '../../support/raw.ts';
import { steer } from '../../support/simulator.ts';
import { countDocuments } from '../../support/stores.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const model = 'gpt-4.1';
type Input = OpenAI.Responses.ResponseInput;

describe('what only the owner of the resource can have set up', () => {
  const skill = { type: 'skill_reference', skill_id: 'skill_1' };
  it.each([
    ['a skill of a shell', { type: 'shell', environment: { type: 'container_auto', skills: [skill] } }],
    ['a skill of the code interpreter', { type: 'code_interpreter', container: { type: 'auto', skills: [skill] } }],
    ['a tunnel to an MCP server', { type: 'mcp', server_label: 'docs', tunnel_id: 'tunnel_1' }],
  ])('is refused before the service is asked: %s', async (_, tool) => {
    const azure = steer(endpoints);
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const { status, body } = await caller.call('POST', '/responses', { model, input: azure.marker, tools: [tool] });
    expect([status, body.error?.code, body.error?.param]).toEqual([400, 'reference_not_found', 'tools']);
    expect(await azure.requests()).toEqual([]);
  });

  it('is refused in a new container, too', async () => {
    const caller = rawCaller(endpoints, newCaller(endpoints).key);
    const { status, body } = await caller.call('POST', '/containers', { name: 'mine', skills: [skill] });
    expect([status, body.error?.code, body.error?.param]).toEqual([400, 'reference_not_found', 'skills']);
  });
});

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

  it('are kept as the items themselves, so that nothing is lost with the response that made them', async () => {
    const { client } = newCaller(endpoints);
    const first = await client.responses.create({ model, input: 'My name is Ada.' });
    const said = (await client.responses.inputItems.list(first.id)).data[0];
    const input: Input = [
      { type: 'item_reference', id: said?.id ?? '' },
      { role: 'user', content: 'Say hello' },
    ];
    const second = await client.responses.create({ model, input });
    const [kept] = (await client.responses.inputItems.list(second.id, { order: 'asc' })).data;
    expect(kept).toEqual(said);
    await client.responses.delete(first.id);
    await forget(endpoints, second.id);
    const third = await client.responses.create({
      model,
      previous_response_id: second.id,
      input: [...input.slice(0, 1), { role: 'user', content: 'What is my name?' }],
    });
    expect(third.output_text).toContain('Ada');
  });

  it('name what the service or the gateway has named; an id that came with a whole item is its caller’s own', async () => {
    const { client } = newCaller(endpoints);
    // The API takes an id here; the SDK's type has none.
    const named = (content: string): Input[number] =>
      Object.assign({ role: 'user', content } as const, { id: 'msg_1' });
    const ask = (about: string) => client.responses.create({ model, input: [named(about)] });
    const [first, second] = [await ask('My name is Ada.'), await ask('My name is Grace.')];
    for (const { id } of [first, second]) {
      expect((await client.responses.inputItems.list(id)).data).toMatchObject([{ id: 'msg_1' }]);
    }
    await expect(
      client.responses.create({ model, input: [{ type: 'item_reference', id: 'msg_1' }] }),
    ).rejects.toMatchObject({ status: 400, code: 'reference_not_found' });
  });

  it('to an image show it, and so does the chain when it is told again', async () => {
    const { client } = newCaller(endpoints);
    const azure = steer(endpoints);
    const drawn = await client.responses.create({
      model,
      input: 'Draw a red square',
      tools: [{ type: 'image_generation' }],
    });
    const image = drawn.output.find((item) => item.type === 'image_generation_call');
    const shown = await client.responses.create({
      model,
      input: [
        { type: 'item_reference', id: image?.id ?? '' },
        { role: 'user', content: 'What is in the image?' },
      ],
    });
    expect(shown.output_text).toContain('PNG of 1024 x 1024');
    expect(
      await countDocuments(endpoints, `contains=${encodeURIComponent(image?.result?.slice(100, 160) ?? '')}`),
    ).toBe(0);
    await forget(endpoints, shown.id);
    const again = { model, input: 'Say hello', previous_response_id: shown.id, metadata: { marker: azure.marker } };
    await client.responses.create(again);
    expect(JSON.stringify(await azure.requests())).toContain(image?.result);
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

describe('lists of input items', () => {
  it('name each item once, also one that was sent twice, so that every reader comes to an end', async () => {
    const { client } = newCaller(endpoints);
    const first = await client.responses.create({ model, input: 'My name is Ada.' });
    const said = (await client.responses.inputItems.list(first.id)).data[0] as OpenAI.Responses.ResponseInputItem;
    const input: Input = [{ role: 'user', content: 'Hello' }, said, { role: 'user', content: 'Hello again' }, said];
    const { id } = await client.responses.create({ model, input });
    for (const order of ['asc', 'desc'] as const) {
      const seen: string[] = [];
      for await (const item of client.responses.inputItems.list(id, { order, limit: 1 })) {
        seen.push(item.id);
        if (seen.length > input.length) break;
      }
      expect(seen).toHaveLength(input.length);
      expect(new Set(seen).size).toBe(input.length);
      const whole = (await client.responses.inputItems.list(id, { order })).data;
      expect(whole.map((item) => item.id)).toEqual(seen);
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

  // A stream of a file has no type in Node, and the .NET library gives none at all, which reads as text.
  it.each(['', 'text/plain'])('are what their bytes say, when they were uploaded as "%s"', async (type) => {
    const { client } = newCaller(endpoints);
    const file = new File([new Uint8Array(pngOf(30, 20, [0, 160, 0]))], 'green', { type });
    const { id: file_id } = await client.files.create({ file, purpose: 'vision' });
    const content = [
      { type: 'input_text' as const, text: 'What is in this image?' },
      { type: 'input_image' as const, file_id, detail: 'auto' as const },
    ];
    const made = await client.responses.create({ model, input: [{ role: 'user', content }] });
    expect(made.output_text).toMatch(/green/i);
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
