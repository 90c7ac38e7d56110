import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { collect, openStream } from '../../support/event-stream.ts';
import { chainIdOf } from '../../support/chains.ts';
import { countDocuments } from '../../support/stores.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const TYPES: [format: 'png' | 'jpeg' | 'webp', type: string][] = [
  ['png', 'image/png'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
];

const toolFor = (format: 'png' | 'jpeg' | 'webp'): OpenAI.Responses.Tool => ({
  type: 'image_generation',
  action: 'auto',
  output_format: format,
  size: '1024x1024',
});

const imageItem = z.looseObject({ type: z.literal('image_generation_call'), id: z.string(), result: z.string() });
const itemPage = z.object({ data: z.array(z.looseObject({ type: z.string(), id: z.string() })) });
const listed = z.object({ data: z.array(z.looseObject({ output: z.array(z.unknown()) })) });

function imageIn(output: readonly unknown[]): { id: string; result: string } {
  for (const item of output) {
    const { data } = imageItem.safeParse(item);
    if (data !== undefined) return data;
  }
  throw new Error('There is no image.');
}

const getImage = (key: string, path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${endpoints.gateway}/openai/v1/responses/${path}`, { headers: { 'api-key': key, ...headers } });

describe.each(TYPES)('an image in %s', (format, type) => {
  it('is base64 in the answer, a blob in the store, and bytes with their type at its address', async () => {
    const { client, key } = newCaller(endpoints);
    const made = await client.responses.create({
      model: 'gpt-4.1',
      input: 'Draw a red square',
      tools: [toolFor(format)],
    });
    const { id, result } = imageIn(made.output);
    expect(await client.responses.retrieve(made.id)).toEqual(made);
    const bytes = Buffer.from(result, 'base64');
    const answer = await getImage(key, `${made.id}/images/${id}`);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': type,
      'x-content-type-options': 'nosniff',
      etag: `"${createHash('sha256').update(bytes).digest('hex')}"`,
    });
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    // No document of the chain holds a piece of it.
    expect(await countDocuments(endpoints, `contains=${encodeURIComponent(result.slice(100, 160))}`)).toBe(0);
    expect(await countDocuments(endpoints, `container=chains&contains=${chainIdOf(made.id)}`)).toBe(1);
  });
});

describe('an image', () => {
  it('comes as a link to those who ask for it, in every answer', async () => {
    const { client, key } = newCaller(endpoints);
    const query = { images: 'url' };
    const made = await client.responses.create(
      { model: 'gpt-4.1', input: 'Draw a red square', tools: [toolFor('png')] },
      { query },
    );
    const link = { result: null, result_url: expect.stringContaining(`/responses/${made.id}/images/`) };
    const shown = [
      made.output,
      (await client.responses.retrieve(made.id, {}, { query })).output,
      listed.parse(await client.get('/responses', { query })).data[0]?.output,
    ];
    for (const output of shown) expect(output).toContainEqual(expect.objectContaining(link));
    const next = await client.responses.create({ model: 'gpt-4.1', input: 'Thanks', previous_response_id: made.id });
    const path = `/responses/${next.id}/input_items`;
    const linked = itemPage.parse(await client.get(path, { query }));
    expect(linked.data).toContainEqual(expect.objectContaining(link));
    const { id, result } = imageIn(itemPage.parse(await client.get(path)).data);
    const bytes = await (await getImage(key, `${made.id}/images/${id}`)).arrayBuffer();
    expect(Buffer.from(bytes).toString('base64')).toBe(result);
  });

  it('is given in parts, and not at all to those who have it', async () => {
    const { client, key } = newCaller(endpoints);
    const made = await client.responses.create({ model: 'gpt-4.1', input: 'Draw a circle', tools: [toolFor('png')] });
    const { id, result } = imageIn(made.output);
    const bytes = Buffer.from(result, 'base64');
    const path = `${made.id}/images/${id}`;
    const part = await getImage(key, path, { range: 'bytes=8-15' });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 8-15/${bytes.length}`);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(8, 16))).toBe(true);
    const behind = await getImage(key, path, { range: `bytes=${bytes.length}-` });
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
    expect(await behind.json()).toMatchObject({ error: { code: 'no_such_range' } });
    const etag = part.headers.get('etag') ?? '';
    expect((await getImage(key, path, { 'if-none-match': etag })).status).toBe(304);
    expect((await getImage(newCaller(endpoints).key, path)).status).toBe(404);
    expect((await getImage(key, `${made.id}/images/ig_nope`)).status).toBe(404);
    await client.responses.delete(made.id);
    expect((await getImage(key, path)).status).toBe(404);
  });

  it('is the same in a stream and in the background, also as a partial image', async () => {
    const { client, key } = newCaller(endpoints);
    const body = { input: 'Draw a red square', tools: [{ type: 'image_generation' }] };
    const plain = await client.responses.create({ model: 'gpt-4.1', input: body.input, tools: [toolFor('png')] });
    const { result } = imageIn(plain.output);
    const streamed = await collect(await openStream(endpoints, key, { ...body, background: false }));
    const partial = streamed.find(({ type }) => type === 'response.image_generation_call.partial_image');
    expect(partial?.partial_image_b64).toBe(result);
    const { id } = await client.responses.create({
      model: 'gpt-4.1',
      input: body.input,
      tools: [toolFor('png')],
      background: true,
    });
    await expect.poll(async () => (await client.responses.retrieve(id)).status, { timeout: 15_000 }).toBe('completed');
    expect(imageIn((await client.responses.retrieve(id)).output).result).toBe(result);
  });
});

describe('editing over several turns', () => {
  it('starts from the stored image, which Azure would not look at', async () => {
    const { client } = newCaller(endpoints);
    const tools = [toolFor('jpeg')];
    const drawn = await client.responses.create({ model: 'gpt-4.1', input: 'Draw a red square', tools });
    const between = await client.responses.create({
      model: 'gpt-4.1',
      input: 'Say hello',
      previous_response_id: drawn.id,
    });
    const edited = await client.responses.create({
      model: 'gpt-4.1',
      input: 'Change the image: make it blue',
      previous_response_id: between.id,
      tools,
    });
    const [call] = edited.output.filter((item) => item.type === 'image_generation_call');
    expect(call).toMatchObject({ action: 'edit' });
    expect(imageIn(edited.output).result).not.toBe(imageIn(drawn.output).result);
    // What the gateway added is not what the caller said.
    const items = await client.responses.inputItems.list(edited.id, { limit: 1 });
    expect(items.data[0]).toMatchObject({ content: [{ text: 'Change the image: make it blue' }] });
  });
});
