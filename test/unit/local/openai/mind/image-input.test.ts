import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from '../../../../../local/kit/server.ts';
import { listen } from '../../../../../local/kit/server.ts';
import { dataUri, plainPicture, userMessage } from './pictures.ts';
import { Talk, type Answer } from './turns.ts';

let server: RunningServer;

beforeAll(async () => {
  const jpeg = await plainPicture('image/jpeg', { width: 32, height: 16 }, [220, 40, 40]);
  server = await listen((request, response) => {
    if (request.url === '/red.jpg') response.end(jpeg);
    else response.writeHead(404).end();
  });
});
afterAll(() => server.stop());

const look = (image: Record<string, unknown>): Promise<Answer> =>
  new Talk().send({ input: [userMessage('What is in this image?', { type: 'input_image', ...image })] });

test.each(['image/png', 'image/jpeg', 'image/webp'] as const)('describes a %s given as data', async (mime) => {
  const bytes = await plainPicture(mime, { width: 64, height: 48 }, [40, 90, 220]);
  const { text } = await look({ image_url: dataUri(mime, bytes) });
  expect(text).toContain('64 x 48 pixels, mostly blue');
});

test('fetches the image that a URL names', async () => {
  const { text } = await look({ image_url: `${server.address}/red.jpg` });
  expect(text).toBe('The image is a JPEG of 32 x 16 pixels, mostly red.');
});

test('a large image costs tiles, one of low detail costs 85', async () => {
  const image_url = dataUri('image/png', await plainPicture('image/png', { width: 1_024, height: 1_024 }, [0, 0, 0]));
  const high = (await look({ image_url })).outcome.usage.input_tokens;
  const low = (await look({ image_url, detail: 'low' })).outcome.usage.input_tokens;
  expect(high - low).toBe(4 * 170);
});

test.each([
  ['an address that gives 404', () => ({ image_url: `${server.address}/none.jpg` }), 'invalid_value'],
  ['a file id', () => ({ file_id: 'file-1' }), 'invalid_value'],
  ['damaged base64', () => ({ image_url: 'data:image/png;base64,!!!!' }), 'invalid_base64_image'],
  [
    'text that calls itself a picture',
    () => ({ image_url: 'data:image/png;base64,SGVsbG8gd29ybGQ=' }),
    'image_parse_error',
  ],
  ['a GIF', () => ({ image_url: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=' }), 'image_parse_error'],
])('refuses %s', async (_what, image, code) => {
  await expect(look(image())).rejects.toMatchObject({ status: 400, code });
});
