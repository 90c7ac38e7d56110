import OpenAI from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const csv = (name = 'data.csv'): File => new File(['a,b\n1,2\n'], name, { type: 'text/csv' });

describe('containers', () => {
  it('are made, listed, read, and gone once they are deleted', async () => {
    const { client } = newCaller(endpoints);
    const made = await client.containers.create({ name: 'mine' });
    expect(made).toMatchObject({ object: 'container', name: 'mine', status: 'running' });
    expect((await client.containers.retrieve(made.id)).id).toBe(made.id);
    expect((await client.containers.list()).data.map(({ id }) => id)).toEqual([made.id]);
    expect((await client.containers.list({ name: 'mine' })).data).toHaveLength(1);
    expect((await client.containers.list({ name: 'yours' })).data).toEqual([]);
    await client.containers.delete(made.id);
    await expect(client.containers.retrieve(made.id)).rejects.toThrow(OpenAI.NotFoundError);
    await expect(client.containers.delete(made.id)).rejects.toThrow(OpenAI.NotFoundError);
    expect((await client.containers.list()).data).toEqual([]);
  });

  it('hold files: uploaded into them, copied from the files of the caller, read and deleted', async () => {
    const { client } = newCaller(endpoints);
    const uploaded = await client.files.create({ file: csv('from-files.csv'), purpose: 'assistants' });
    const { id } = await client.containers.create({ name: 'files', file_ids: [uploaded.id] });
    const put = await client.containers.files.create(id, { file: csv() });
    expect(put).toMatchObject({ object: 'container.file', container_id: id });
    const copied = await client.containers.files.create(id, { file_id: uploaded.id });
    const listed = await client.containers.files.list(id, { limit: 10 });
    expect(listed.data.map((file) => file.id)).toEqual(expect.arrayContaining([put.id, copied.id]));
    expect((await client.containers.files.retrieve(put.id, { container_id: id })).path).toContain('data.csv');
    const content = await client.containers.files.content.retrieve(put.id, { container_id: id });
    expect(await content.text()).toBe('a,b\n1,2\n');
    expect(content.headers.get('content-disposition')).toBe('attachment');
    expect(content.headers.get('x-content-type-options')).toBe('nosniff');
    await client.containers.files.delete(put.id, { container_id: id });
    const where = { container_id: id };
    await expect(client.containers.files.retrieve(put.id, where)).rejects.toThrow(OpenAI.NotFoundError);
    await expect(client.containers.files.delete(put.id, where)).rejects.toThrow(OpenAI.NotFoundError);
  });

  it('of somebody else are not there, and take no files of somebody else', async () => {
    const { client } = newCaller(endpoints);
    const { id } = await client.containers.create({ name: 'private' });
    const secret = await client.files.create({ file: csv(), purpose: 'assistants' });
    const file = await client.containers.files.create(id, { file: csv() });
    const stranger = newCaller(endpoints).client;
    const where = { container_id: id };
    const attempts = [
      () => stranger.containers.retrieve(id),
      () => stranger.containers.delete(id),
      () => stranger.containers.files.create(id, { file: csv() }),
      () => stranger.containers.files.list(id),
      () => stranger.containers.files.retrieve(file.id, where),
      () => stranger.containers.files.content.retrieve(file.id, where),
      () => stranger.containers.files.delete(file.id, where),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow(OpenAI.NotFoundError);
    await expect(stranger.containers.create({ name: 'x', file_ids: [secret.id] })).rejects.toMatchObject({
      status: 400,
      param: 'file_ids',
    });
    const own = await stranger.containers.create({ name: 'own' });
    await expect(stranger.containers.files.create(own.id, { file_id: secret.id })).rejects.toThrow(
      OpenAI.NotFoundError,
    );
    expect((await client.containers.files.list(id)).data.map((each) => each.id)).toEqual([file.id]);
  });
});
