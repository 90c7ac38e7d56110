import { expect, inject, it } from 'vitest';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';
import { rawCaller } from '../../support/raw.ts';

/** Background tasks as on the how-to page: start, poll, cancel, stream, resume. */
const endpoints = inject('endpoints');
const { client, key } = newCaller(endpoints);
const model = 'gpt-4.1';

it('starts a task, and polls until it has ended', async () => {
  let response = await client.responses.create({ model, input: 'Write me a very long story.', background: true });
  expect(response.status).toMatch(/^(queued|in_progress)$/);
  await expect
    .poll(async () => (response = await client.responses.retrieve(response.id)).status, { timeout: 20_000 })
    .toBe('completed');
  expect(response.output_text.split(' ').length).toBeGreaterThan(500);
});

it('cancels a task, as often as it is told to', async () => {
  const azure = steer(endpoints);
  await azure.plan('create', { kind: 'stuck', state: 'in_progress' });
  const { id } = await client.responses.create({
    model,
    input: `Write me a story of ${azure.marker}.`,
    background: true,
  });
  expect((await client.responses.cancel(id)).status).toBe('cancelled');
  expect((await client.responses.cancel(id)).status).toBe('cancelled');
  const finished = await client.responses.create({ model, input: 'hi' });
  await expect(client.responses.cancel(finished.id)).rejects.toMatchObject({ status: 400 });
});

it('streams a task, and resumes the stream behind a number', async () => {
  const events = [];
  const stream = await client.responses.create({ model, input: 'Count to 9.', background: true, stream: true });
  for await (const event of stream) events.push(event);
  const first = events[0];
  if (first?.type !== 'response.created') throw new Error(`begins with ${first?.type ?? 'nothing'}`);
  const resumed = await rawCaller(endpoints, key).open(
    'GET',
    `/responses/${first.response.id}?stream=true&starting_after=4`,
    undefined,
    { 'Content-Type': 'application/json' },
  );
  const numbers = [...(await resumed.text()).matchAll(/"sequence_number":(\d+)/g)].map(([, digits]) => Number(digits));
  expect(numbers).toEqual(events.slice(5).map((event) => event.sequence_number));
});

it('refuses what the page says does not go', async () => {
  await expect(client.responses.create({ model, input: 'x', background: true, store: false })).rejects.toMatchObject({
    status: 400,
    param: 'background',
  });
  const { id } = await client.responses.create({ model, input: 'x', background: true });
  const refused = await rawCaller(endpoints, key).call('GET', `/responses/${id}?stream=true`);
  expect(refused.status).toBe(400);
});
