import { expect, test } from 'vitest';
import { readImageHeader } from '../../../../../local/openai/mind/input/image-header.ts';
import { decodePixels } from '../../../../../local/openai/mind/picture/codecs.ts';
import { dominantColour } from '../../../../../local/openai/mind/picture/colours.ts';
import { previewOf } from '../../../../../local/openai/mind/picture/preview.ts';
import type { Item } from '../../../../../local/openai/turn.ts';
import { dataUri, plainPicture, userMessage } from './pictures.ts';
import { Talk } from './turns.ts';

const OTTER = 'Generate an image of a gray tabby cat hugging an otter with an orange scarf.';

async function imageFor(input: unknown, tool: Record<string, unknown> = {}, talk = new Talk()): Promise<Item> {
  const answer = await talk.send({ input, tools: [{ type: 'image_generation', action: 'auto', ...tool }] });
  expect(answer.types).toEqual(['image_generation_call', 'message']);
  return answer.items[0]!;
}

const bytesOf = (item: Item): Buffer => Buffer.from(String(item['result']), 'base64');

test('paints the picture of the page', async () => {
  const item = await imageFor(OTTER);
  expect(item).toMatchObject({
    status: 'completed',
    action: 'generate',
    size: '1024x1024',
    output_format: 'png',
    background: 'opaque',
  });
  expect(item['revised_prompt']).toContain('gray tabby cat hugging an otter');
  expect(readImageHeader(bytesOf(item))).toEqual({ mime: 'image/png', width: 1_024, height: 1_024 });
});

test('the same prompt gives the same picture, another one another', async () => {
  const [first, again, other] = await Promise.all([imageFor(OTTER), imageFor(OTTER), imageFor('Draw a lighthouse.')]);
  expect(again['result']).toBe(first['result']);
  expect(other['result']).not.toBe(first['result']);
});

test.each([
  ['png', 'image/png', '1536x1024'],
  ['jpeg', 'image/jpeg', '1024x1536'],
  ['webp', 'image/webp', '1024x1024'],
] as const)('writes %s', async (output_format, mime, size) => {
  const item = await imageFor(OTTER, { output_format, size, quality: 'low' });
  const [width, height] = size.split('x').map(Number);
  expect(readImageHeader(bytesOf(item))).toEqual({ mime, width, height });
  expect(item).toMatchObject({ output_format, size, quality: 'low' });
});

test('leaves the ground transparent when asked', async () => {
  const item = await imageFor('Draw a red ball.', { background: 'transparent' });
  const pixels = await decodePixels(bytesOf(item), 'image/png');
  expect(pixels!.data[3]).toBe(0);
});

test('tells what it did only when an action was named', async () => {
  expect(await imageFor(OTTER, { action: undefined })).not.toHaveProperty('action');
});

test('edits the picture that came along, inside the mask only', async () => {
  const white = await plainPicture('image/png', { width: 60, height: 40 }, [255, 255, 255]);
  const input = [userMessage('Make it blue.', { type: 'input_image', image_url: dataUri('image/png', white) })];
  const item = await imageFor(input);
  expect(item).toMatchObject({ action: 'edit', size: '1536x1024' });
  const pixels = await decodePixels(bytesOf(item), 'image/png');
  expect([...pixels!.data.slice(0, 4)]).toEqual([158, 181, 239, 255]);

  const closed = dataUri('image/png', await plainPicture('image/png', { width: 60, height: 40 }, [0, 0, 0, 255]));
  const kept = await imageFor(input, { input_image_mask: { image_url: closed } });
  expect(dominantColour((await decodePixels(bytesOf(kept), 'image/png'))!)).toBe('white');
});

test('edits a picture that is sent again as an item, not one of an earlier turn', async () => {
  const talk = new Talk();
  const first = await imageFor('Draw a lighthouse.', {}, talk);
  expect(await imageFor('Draw it again as a picture in green.', {}, talk)).toMatchObject({ action: 'generate' });
  const again = [first, { role: 'user', content: 'Make it green.' }];
  expect(await imageFor(again)).toMatchObject({ action: 'edit' });
});

test('paints nothing when nobody asks for a picture', async () => {
  const answer = await new Talk().send({ input: 'Hello!', tools: [{ type: 'image_generation' }] });
  expect(answer.types).toEqual(['message']);
  const { types } = await new Talk().send({
    input: 'Hello!',
    tools: [{ type: 'image_generation' }],
    tool_choice: { type: 'image_generation' },
  });
  expect(types).toEqual(['image_generation_call', 'message']);
});

test.each([
  [{ size: '999x999' }, 'tools[0].size'],
  [{ output_format: 'gif' }, 'tools[0].output_format'],
  [{ background: 'transparent', output_format: 'jpeg' }, 'tools[0].background'],
])('refuses %j', async (tool, param) => {
  await expect(imageFor(OTTER, tool)).rejects.toMatchObject({ status: 400, param });
});

test('gives coarse previews', async () => {
  const item = await imageFor(OTTER);
  const previews = await Promise.all([previewOf(item, 0), previewOf(item, 1)]);
  expect(previews[0]).not.toBe(previews[1]);
  expect(readImageHeader(Buffer.from(previews[0]!, 'base64'))).toMatchObject({ width: 1_024, height: 1_024 });
});
