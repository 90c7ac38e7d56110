import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { CLIENTS } from '../../support/clients.ts';
import { steer } from '../../support/simulator.ts';
import { newCaller } from '../../support/world.ts';

/** Every operation with every client that people use: what the newest package does, an older one and the class for Azure do, too. */
const endpoints = inject('endpoints');
const model = 'gpt-4.1';
type Input = OpenAI.Responses.ResponseInput;

const City = z.object({ city: z.string(), people: z.number().int() });
const csv = (name: string): File => new File(['a,b\n1,2\n'], name, { type: 'text/csv' });

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

describe.each(CLIENTS)('with %s', (_, make) => {
  const client = make(endpoints, newCaller(endpoints).key);

  it('streams, by iteration and by the helper', async () => {
    const types: string[] = [];
    for await (const { type } of await client.responses.create({ model, input: 'Count to 5.', stream: true }))
      types.push(type);
    expect([types[0], types.at(-1)]).toEqual(['response.created', 'response.completed']);
    const stream = client.responses.stream({ model, input: 'Count to 5.' });
    let text = '';
    stream.on('response.output_text.delta', ({ delta }) => (text += delta));
    const final = await stream.finalResponse();
    expect(final.output_text).toBe(text);
    expect(await client.responses.retrieve(final.id)).toMatchObject({ output: [{ content: [{ text }] }] });
  });

  it('parses a structured answer, at once and from a stream', async () => {
    const body = { model, input: 'Oslo has 700000 people.', text: { format: zodTextFormat(City, 'city') } };
    const expected = { city: 'Oslo', people: 700_000 };
    expect((await client.responses.parse(body)).output_parsed).toEqual(expected);
    expect((await client.responses.stream(body).finalResponse()).output_parsed).toEqual(expected);
  });

  it('cancels, retrieves and deletes a background run, and resumes its stream', async () => {
    const azure = steer(endpoints);
    await azure.plan('create', { kind: 'stuck', state: 'in_progress' });
    const { id } = await client.responses.create({ model, input: azure.marker, background: true });
    expect((await client.responses.cancel(id)).status).toBe('cancelled');
    expect((await client.responses.retrieve(id)).status).toBe('cancelled');
    await client.responses.delete(id);
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });

    const made = await client.responses.create({ model, input: 'Count to 5.', background: true, stream: true });
    const events = await all(made);
    const [first] = events;
    const run = first?.type === 'response.created' ? first.response.id : '';
    expect(await all(await client.responses.retrieve(run, { stream: true, starting_after: 3 }))).toEqual(
      events.slice(4),
    );
    const helper = client.responses.stream({ response_id: run, starting_after: 3 });
    expect((await helper.finalResponse()).status).toBe('completed');
  });

  it('compacts and counts', async () => {
    const first = await client.responses.create({ model, input: 'My name is Ada.' });
    const { output } = await client.responses.compact({ model, previous_response_id: first.id });
    const input = [...(output as Input), { role: 'user' as const, content: 'What is my name?' }];
    expect((await client.responses.create({ model, input })).output_text).toContain('Ada');
    const counted = await client.responses.inputTokens.count({ model, previous_response_id: first.id, input: 'x' });
    expect(counted.input_tokens).toBeGreaterThan(5);
  });

  it('walks through pages of input items and of files', async () => {
    const input = Array.from({ length: 5 }, (_item, index) => ({ role: 'user' as const, content: `item ${index}` }));
    const { id } = await client.responses.create({ model, input });
    const items = await all(client.responses.inputItems.list(id, { limit: 2, order: 'asc' }));
    expect(items).toHaveLength(input.length);
    for (const [index, item] of items.entries()) expect(JSON.stringify(item)).toContain(`item ${index}`);
    const names = ['a.csv', 'b.csv', 'c.csv'];
    for (const name of names) await client.files.create({ file: csv(name), purpose: 'assistants' });
    const files = await all(client.files.list({ limit: 2 }));
    expect(files.map(({ filename }) => filename).toSorted()).toEqual(names);
  });

  it('keeps files and containers', async () => {
    const file = await client.files.create({ file: csv('kept.csv'), purpose: 'assistants' });
    expect((await client.files.retrieve(file.id)).filename).toBe('kept.csv');
    expect(await (await client.files.content(file.id)).text()).toBe('a,b\n1,2\n');
    const { id } = await client.containers.create({ name: 'mine', file_ids: [file.id] });
    const put = await client.containers.files.create(id, { file: csv('put.csv') });
    expect(await all(client.containers.files.list(id, { limit: 1 }))).toHaveLength(2);
    const content = await client.containers.files.content.retrieve(put.id, { container_id: id });
    expect(await content.text()).toBe('a,b\n1,2\n');
    await client.containers.files.delete(put.id, { container_id: id });
    expect(await all(client.containers.list({ limit: 1 }))).toHaveLength(1);
    await client.containers.delete(id);
    expect(await client.files.delete(file.id)).toMatchObject({ id: file.id, deleted: true });
  });

  it('tells errors by their class, code and request id', async () => {
    const error = await client.responses.create({ model: 'nope', input: 'x' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 404, code: 'DeploymentNotFound', requestID: expect.any(String) as string });
    expect((error as Error).constructor.name).toBe(OpenAI.NotFoundError.name);
  });
});
