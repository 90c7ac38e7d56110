import OpenAI from 'openai';
import { expect, inject, it } from 'vitest';
import { newCaller } from '../../support/world.ts';

/** Encrypted reasoning and image generation, as on the how-to page. */
const endpoints = inject('endpoints');
const { client, key } = newCaller(endpoints);

it('carries encrypted reasoning through stateless turns', async () => {
  const stateless = {
    model: 'o4-mini',
    reasoning: { effort: 'medium' as const },
    tools: [],
    include: ['reasoning.encrypted_content' as const],
    store: false,
  };
  const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'What is the weather like today?' }];
  const first = await client.responses.create({ ...stateless, input });
  expect(first.output[0]).toMatchObject({ type: 'reasoning', encrypted_content: expect.any(String) });
  expect(first.output_text).not.toBe('');
  input.push(...(first.output as OpenAI.Responses.ResponseInput), { role: 'user', content: 'And tomorrow?' });
  const second = await client.responses.create({ ...stateless, input });
  expect(second.status).toBe('completed');
});

it('generates an image, with the headers of the example', async () => {
  const painter = new OpenAI({
    baseURL: `${endpoints.gateway}/openai/v1/`,
    apiKey: key,
    defaultHeaders: { 'x-ms-oai-image-generation-deployment': 'gpt-image-1', api_version: 'preview' },
  });
  const response = await painter.responses.create({
    model: 'gpt-4.1',
    input: 'Generate an image of a gray tabby cat hugging an otter with an orange scarf.',
    tools: [{ type: 'image_generation' }],
  });
  const [image] = response.output.filter((item) => item.type === 'image_generation_call');
  const bytes = Buffer.from(image?.result ?? '', 'base64');
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  expect((await painter.responses.retrieve(response.id)).output).toEqual(response.output);
});
