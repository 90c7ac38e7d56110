import { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Think } from '../../../../../local/openai/turn.ts';
import { errorOf, isBody, startSimulator, USAGE, type Body, type Simulator } from './simulator.ts';

/** Opens the container that the tool names, and writes a file into it. */
const coding: Think = async function* (turn) {
  const tools = Array.isArray(turn.request.tools) ? turn.request.tools.filter(isBody) : [];
  const wanted = tools[0]?.container;
  const fileIds = isBody(wanted) && Array.isArray(wanted.file_ids) ? wanted.file_ids.map(String) : [];
  const id = await turn.containers.open(typeof wanted === 'string' ? wanted : { fileIds });
  await turn.containers.write(id, 'made.csv', Buffer.from('a,b'));
  const names = (await turn.containers.list(id)).map(({ filename }) => filename).join(' ');
  yield {
    id: turn.newId('ci'),
    type: 'code_interpreter_call',
    status: 'completed',
    container_id: id,
    code: names,
    outputs: [],
  };
  return { status: 'completed', usage: USAGE };
};

let azure: Simulator;
beforeAll(async () => {
  azure = await startSimulator({ think: coding });
});
afterAll(() => azure.stop());

async function run(container: unknown): Promise<{ status: number; error: Body; call: Body }> {
  const reply = await azure.create({ input: 'x', tools: [{ type: 'code_interpreter', container }] });
  const output = Array.isArray(reply.body.output) ? reply.body.output.filter(isBody) : [];
  return { status: reply.status, error: errorOf(reply), call: output[0] ?? {} };
}

const textFile = () => toFile(Buffer.from('hello'), 'in.txt');

describe('containers', () => {
  it('are made for a run, with copies of the files', async () => {
    const file = await azure.client.files.create({ file: await textFile(), purpose: 'assistants' });
    const { call } = await run({ type: 'auto', file_ids: [file.id] });
    expect(call.code).toBe('in.txt made.csv');
    const id = String(call.container_id);
    const files = (await azure.client.containers.files.list(id)).data;
    expect(files.map(({ path, source }) => [path, source])).toEqual([
      ['/mnt/data/made.csv', 'assistant'],
      ['/mnt/data/in.txt', 'user'],
    ]);
    const content = await azure.client.containers.files.content.retrieve(files[0]?.id ?? '', { container_id: id });
    expect(await content.text()).toBe('a,b');
    await azure.client.files.delete(file.id);
    expect((await run(id)).call.code).toBe('in.txt made.csv made.csv');
  });

  it('are made, listed, filled and deleted by hand', async () => {
    const { client } = azure;
    const made = await client.containers.create({ name: 'mine' });
    expect(made).toMatchObject({
      object: 'container',
      name: 'mine',
      status: 'running',
      expires_after: { minutes: 20 },
    });
    expect((await client.containers.list()).data.map(({ id }) => id)).toContain(made.id);
    const added = await client.containers.files.create(made.id, { file: await textFile() });
    expect(added).toMatchObject({ object: 'container.file', bytes: 5, path: '/mnt/data/in.txt', source: 'user' });
    const uploaded = await client.files.create({ file: await textFile(), purpose: 'assistants' });
    await client.containers.files.create(made.id, { file_id: uploaded.id });
    expect((await client.containers.files.list(made.id)).data).toHaveLength(2);
    await client.containers.files.delete(added.id, { container_id: made.id });
    expect((await client.containers.files.list(made.id)).data).toHaveLength(1);
    await client.containers.delete(made.id);
    await expect(client.containers.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
  });

  it('refuse files and containers that are not there', async () => {
    expect((await run({ type: 'auto', file_ids: ['file-none'] })).error.code).toBe('file_not_found');
    expect((await run('cntr_none')).status).toBe(404);
    expect((await azure.send('POST', '/containers', { name: 'a', file_ids: ['file-none'] })).status).toBe(404);
    expect((await azure.send('POST', '/containers', {})).status).toBe(400);
    expect((await azure.send('GET', '/containers/cntr_none/files')).status).toBe(404);
  });

  it.each([
    ['20 minutes without use', [20 * 60_000]],
    ['an hour, however busy', [19 * 60_000, 19 * 60_000, 19 * 60_000, 3 * 60_000]],
  ])('expire after %s', async (_name, steps) => {
    const { id } = await azure.client.containers.create({ name: 'short' });
    for (const [index, advanceMs] of steps.entries()) {
      await azure.control('POST', '/clock', { advanceMs });
      // Using it prolongs it, up to the hour.
      if (index < steps.length - 1) expect((await run(id)).status).toBe(200);
    }
    expect((await azure.send('GET', `/containers/${id}`)).body).toMatchObject({ status: 'expired' });
    const refused = await run(id);
    expect(refused).toMatchObject({ status: 400, error: { message: 'Container is expired.' } });
    expect((await azure.send('GET', `/containers/${id}/files`)).status).toBe(400);
  });
});
