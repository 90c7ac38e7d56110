import type OpenAI from 'openai';
import { expect, inject, it } from 'vitest';
import { dataUri, pngOf } from '../../support/pictures.ts';
import { rawCaller } from '../../support/raw.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const model = 'gpt-4.1';
const input = 'Generate an image of a red circle.';

it.each([
  ['png', '89504e47'],
  ['jpeg', 'ffd8ff'],
  ['webp', '52494646'],
] as const)('images are made as %s', async (output_format, magic) => {
  const { client } = newCaller(endpoints);
  const made = await client.responses.create({ model, input, tools: [{ type: 'image_generation', output_format }] });
  const call = made.output.find((item) => item.type === 'image_generation_call');
  expect(
    Buffer.from(call?.result ?? '', 'base64')
      .toString('hex')
      .startsWith(magic),
  ).toBe(true);
  expect((await client.responses.retrieve(made.id)).output).toEqual(made.output);
});

it('the image tool can be streamed, though the service cannot', async () => {
  const { client } = newCaller(endpoints);
  const stream = client.responses.stream({ model, input, tools: [{ type: 'image_generation', partial_images: 1 }] });
  const seen: string[] = [];
  stream.on('event', ({ type }) => seen.push(type));
  const final = await stream.finalResponse();
  expect(seen).toContain('response.image_generation_call.partial_image');
  expect((await client.responses.retrieve(final.id)).output[0]).toEqual(final.output[0]);
});

it.each([
  ['plain', {}],
  ['streamed', { stream: true }],
  ['in the background', { background: true }],
])('the image deployment is the configured one, or the caller’s choice of those offered: %s', async (_form, form) => {
  const caller = rawCaller(endpoints, newCaller(endpoints).key);
  const azure = steer(endpoints);
  const body = { model, input, tools: [{ type: 'image_generation' }], metadata: { marker: azure.marker }, ...form };
  const choices: Record<string, string>[] = [{}, { 'x-ms-oai-image-generation-deployment': 'gpt-image-1-mini' }];
  for (const header of choices) {
    const answer = await caller.open('POST', '/responses', body, header);
    expect(answer.status).toBe(200);
    await answer.text();
  }
  const creates = (await azure.requests()).filter(({ method }) => method === 'POST');
  expect(creates.map(({ headers }) => headers['x-ms-oai-image-generation-deployment'])).toEqual([
    'gpt-image-1',
    'gpt-image-1-mini',
  ]);
});

it('an image deployment that is not offered is refused, and so are links to images that are not kept', async () => {
  const caller = rawCaller(endpoints, newCaller(endpoints).key);
  const body = { model, input, tools: [{ type: 'image_generation' }] };
  const header = { 'x-ms-oai-image-generation-deployment': 'somebody-elses' };
  expect(await caller.call('POST', '/responses', body, header)).toMatchObject({
    status: 404,
    body: { error: { param: 'tools' } },
  });
  expect((await caller.call('POST', '/responses?images=url', { ...body, store: false })).status).toBe(400);
});

it('a mask must be a file of the caller, and is sent as data', async () => {
  const owner = newCaller(endpoints).client;
  const azure = steer(endpoints);
  const picture = pngOf(64, 64, [0, 0, 0]);
  const file = new File([new Uint8Array(picture)], 'mask.png', { type: 'image/png' });
  const { id } = await owner.files.create({ file, purpose: 'vision' });
  const edit: OpenAI.Responses.Tool.ImageGeneration = {
    type: 'image_generation',
    action: 'auto',
    input_image_mask: { file_id: id },
  };
  const content = [
    { type: 'input_text' as const, text: `Turn this image red. ${azure.marker}` },
    {
      type: 'input_image' as const,
      detail: 'auto' as const,
      image_url: dataUri(pngOf(64, 64, [0, 200, 0]), 'image/png'),
    },
  ];
  const made = await owner.responses.create({ model, input: [{ role: 'user', content }], tools: [edit] });
  expect(made.output[0]).toMatchObject({ type: 'image_generation_call', action: 'edit' });
  const [request] = await azure.requests();
  expect(request?.body).toMatchObject({ tools: [{ input_image_mask: { image_url: dataUri(picture, 'image/png') } }] });
  expect(JSON.stringify(request)).not.toContain(id);
  expect(made.tools).toMatchObject([edit]);
  expect((await owner.responses.retrieve(made.id)).tools).toEqual(made.tools);
  const thief = rawCaller(endpoints, newCaller(endpoints).key);
  const tools = [{ type: 'image_generation', input_image_mask: { file_id: id } }];
  expect(await thief.call('POST', '/responses', { model, input, tools })).toMatchObject({
    status: 400,
    body: { error: { code: 'reference_not_found', param: 'tools' } },
  });
});

it('an image is a link away when links are asked for, and the link is its owner’s', async () => {
  const { client, key } = newCaller(endpoints);
  const made = await client.responses.create({ model, input, tools: [{ type: 'image_generation' }] });
  const call = made.output.find((item) => item.type === 'image_generation_call');
  const { body } = await rawCaller(endpoints, key).call('GET', `/responses/${made.id}?images=url`);
  const linked = body.output?.find(({ type }) => type === 'image_generation_call');
  expect(linked?.result).toBeNull();
  const address = String(linked?.result_url);
  const image = await fetch(address, { headers: { 'api-key': key } });
  expect(image.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await image.arrayBuffer()).toString('base64')).toBe(call?.result);
  expect((await fetch(address, { headers: { 'api-key': 'somebody else' } })).status).toBe(404);
});
