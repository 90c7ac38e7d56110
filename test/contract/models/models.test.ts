import OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { rawCaller } from '../../support/raw.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const { client, key } = newCaller(endpoints);

it('models are listed and read', async () => {
  const { data } = await client.models.list();
  expect(data.map(({ id }) => id)).toContain('gpt-4.1');
  expect(await client.models.retrieve('gpt-4.1')).toMatchObject({ id: 'gpt-4.1', object: 'model' });
});

it('an unknown model is not found', async () => {
  await expect(client.models.retrieve('nope')).rejects.toThrow(OpenAI.NotFoundError);
});

describe('a deployment that the service has and the list of those offered does not', () => {
  const model = 'o3';

  it('is not shown', async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).not.toContain(model);
    await expect(client.models.retrieve(model)).rejects.toThrow(OpenAI.NotFoundError);
  });

  it.each([
    ['/responses', {}],
    ['/responses', { stream: true }],
    ['/responses', { background: true }],
    ['/responses', { background: true, stream: true }],
    ['/responses/compact', {}],
    ['/responses/input_tokens', {}],
  ])('cannot be used, and the service is not asked: POST %s %j', async (path, how) => {
    const azure = steer(endpoints);
    const caller = rawCaller(endpoints, key);
    const { status, body } = await caller.call('POST', path, { model, input: azure.marker, ...how });
    expect([status, body.error?.code, body.error?.param]).toEqual([404, 'DeploymentNotFound', 'model']);
    expect(await azure.requests()).toEqual([]);
  });
});
