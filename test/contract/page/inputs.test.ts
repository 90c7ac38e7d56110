import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { RunningServer } from '../../../local/kit/server.ts';
import { dataUri, jpegOf, pngOf, servePicture } from '../../support/pictures.ts';
import { newCaller } from '../../support/world.ts';

/** Images and PDFs as input, as on the how-to page. */
const endpoints = inject('endpoints');
const { client } = newCaller(endpoints);
const model = 'gpt-4.1';
const red = pngOf(40, 30, [200, 0, 0]);

let web: RunningServer;
beforeAll(async () => {
  web = await servePicture(red, 'image/png');
});
afterAll(() => web.stop());

const ask = async (image_url: string): Promise<string> => {
  const content = [
    { type: 'input_text' as const, text: 'What is in this image?' },
    { type: 'input_image' as const, image_url, detail: 'auto' as const },
  ];
  return (await client.responses.create({ model, input: [{ role: 'user', content }] })).output_text;
};

it('sees an image by its address', async () => {
  expect(await ask(`${web.address}/red.png`)).toMatch(/red/i);
});

it.each([
  ['image/png', red],
  ['image/jpeg', jpegOf(40, 30, [200, 0, 0])],
] as const)('sees an image that is sent inline as %s', async (type, bytes) => {
  expect(await ask(dataUri(bytes, type))).toMatch(/red/i);
});

it('reads a PDF that is sent inline', async () => {
  const pdf = await readFile('docs/example.pdf');
  const response = await client.responses.create({
    model,
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_file', filename: 'PDF-FILE-NAME.pdf', file_data: dataUri(pdf, 'application/pdf') },
          { type: 'input_text', text: 'Summarize this PDF.' },
        ],
      },
    ],
  });
  expect(response.output_text).toContain('Harbour Light');
});

it.each(['assistants', 'user_data'] as const)('reads a PDF that was uploaded for %s', async (purpose) => {
  const file = new File([new Uint8Array(await readFile('docs/example.pdf'))], 'nucleus_sampling.pdf', {
    type: 'application/pdf',
  });
  const uploaded = await client.files.create({ file, purpose });
  expect(uploaded).toMatchObject({ id: expect.stringMatching(/^assistant-/), purpose });
  const response = await client.responses.create({
    model,
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_file', file_id: uploaded.id },
          { type: 'input_text', text: 'Summarize this PDF.' },
        ],
      },
    ],
  });
  expect(response.output_text).toContain('Harbour Light');
});
