import OpenAI from 'openai';
import { expect, inject, it } from 'vitest';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const { client } = newCaller(endpoints);

it('models are listed and read', async () => {
  const { data } = await client.models.list();
  expect(data.map(({ id }) => id)).toContain('gpt-4.1');
  expect(await client.models.retrieve('gpt-4.1')).toMatchObject({ id: 'gpt-4.1', object: 'model' });
});

it('an unknown model is not found', async () => {
  await expect(client.models.retrieve('nope')).rejects.toThrow(OpenAI.NotFoundError);
});
