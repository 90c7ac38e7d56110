import OpenAI, { AzureOpenAI } from 'openai';
import { describe, expect, inject, it } from 'vitest';
import { rawCaller } from '../../support/raw.ts';
import { textPdf } from '../../support/pdfs.ts';
import { newCaller } from '../../support/world.ts';

const endpoints = inject('endpoints');
const textFile = (name = 'notes.txt', content = 'The code word is BLUE.'): File =>
  new File([content], name, { type: 'text/plain' });

describe('files', () => {
  it('are uploaded, listed, read, and gone once they are deleted', async () => {
    const { client } = newCaller(endpoints);
    const made = await client.files.create({ file: textFile(), purpose: 'assistants' });
    expect(made).toMatchObject({ object: 'file', bytes: 22, filename: 'notes.txt', purpose: 'assistants' });
    expect(await client.files.retrieve(made.id)).toEqual(made);
    const content = await client.files.content(made.id);
    expect(content.headers.get('content-type')).toBe('text/plain');
    expect(content.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await content.text()).toBe('The code word is BLUE.');
    expect((await client.files.list()).data).toEqual([made]);
    expect(await client.files.delete(made.id)).toEqual({ id: made.id, object: 'file', deleted: true });
    await expect(client.files.retrieve(made.id)).rejects.toThrow(OpenAI.NotFoundError);
    await expect(client.files.content(made.id)).rejects.toThrow(OpenAI.NotFoundError);
    await expect(client.files.delete(made.id)).rejects.toThrow(OpenAI.NotFoundError);
    expect((await client.files.list()).data).toEqual([]);
  });

  it('are echoed with the purpose that the caller gave, whatever the service was told', async () => {
    const { client } = newCaller(endpoints);
    const pdf = new File([new Uint8Array(await textPdf(['Hello']))], 'a.pdf', { type: 'application/pdf' });
    for (const purpose of ['user_data', 'vision', 'assistants'] as const) {
      expect((await client.files.create({ file: pdf, purpose })).purpose).toBe(purpose);
    }
    const mine = await client.files.list({ purpose: 'user_data' });
    expect(mine.data.map(({ purpose }) => purpose)).toEqual(['user_data']);
    await expect(client.files.create({ file: pdf, purpose: 'fun' as 'evals' })).rejects.toMatchObject({
      status: 400,
      param: 'purpose',
    });
  });

  it('expire when they are told to', async () => {
    const { client } = newCaller(endpoints);
    const seconds = 3_600;
    const made = await client.files.create({
      file: textFile(),
      purpose: 'assistants',
      expires_after: { anchor: 'created_at', seconds },
    });
    expect(made.expires_at).toBe(made.created_at + seconds);
    await expect(
      client.files.create({
        file: textFile(),
        purpose: 'assistants',
        expires_after: { anchor: 'created_at', seconds: 1 },
      }),
    ).rejects.toMatchObject({ status: 400, param: 'expires_after[seconds]' });
  });

  it('page newest first, and oldest first when asked', async () => {
    const { client } = newCaller(endpoints);
    for (const name of ['a.txt', 'b.txt', 'c.txt'])
      await client.files.create({ file: textFile(name), purpose: 'assistants' });
    const walked: string[] = [];
    for await (const file of client.files.list({ limit: 2 })) walked.push(file.filename);
    const ascending = await client.files.list({ order: 'asc' });
    expect(ascending.data.map(({ filename }) => filename)).toEqual(walked.toReversed());
    expect(new Set(walked)).toEqual(new Set(['a.txt', 'b.txt', 'c.txt']));
  });

  it('of somebody else are not there', async () => {
    const { client } = newCaller(endpoints);
    const { id } = await client.files.create({ file: textFile(), purpose: 'assistants' });
    const stranger = newCaller(endpoints).client;
    expect((await stranger.files.list()).data).toEqual([]);
    await expect(stranger.files.retrieve(id)).rejects.toThrow(OpenAI.NotFoundError);
    await expect(stranger.files.content(id)).rejects.toThrow(OpenAI.NotFoundError);
    await expect(stranger.files.delete(id)).rejects.toThrow(OpenAI.NotFoundError);
    const content = [{ type: 'input_file' as const, file_id: id }];
    await expect(
      stranger.responses.create({ model: 'gpt-4.1', input: [{ role: 'user', content }] }),
    ).rejects.toMatchObject({ status: 400, code: 'reference_not_found' });
  });

  it('work by the dated path of the AzureOpenAI class', async () => {
    const { key } = newCaller(endpoints);
    const client = new AzureOpenAI({
      endpoint: endpoints.gateway,
      apiKey: key,
      apiVersion: '2025-04-01-preview',
    });
    const made = await client.files.create({ file: textFile(), purpose: 'assistants' });
    expect((await client.files.retrieve(made.id)).filename).toBe('notes.txt');
  });
});

describe('uploads that are none', () => {
  const caller = rawCaller(endpoints, newCaller(endpoints).key);
  const post = (body: FormData | string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${endpoints.gateway}/openai/v1/files`, {
      method: 'POST',
      headers: { 'api-key': caller.key, ...headers },
      body,
    });
  const form = (fields: Record<string, string | File>): FormData => {
    const made = new FormData();
    for (const [name, value] of Object.entries(fields)) made.set(name, value);
    return made;
  };

  it.each([
    ['JSON', '{}', { 'content-type': 'application/json' }],
    ['a form without a boundary', 'x', { 'content-type': 'multipart/form-data' }],
    [
      'a form that is cut',
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
      { 'content-type': 'multipart/form-data; boundary=b' },
    ],
    ['no file', form({ purpose: 'assistants' }), {}],
    ['no purpose', form({ file: textFile() }), {}],
    ['an empty file', form({ file: textFile('a.txt', ''), purpose: 'assistants' }), {}],
  ] as const)('%s', async (_, body, headers) => {
    expect((await post(body, headers)).status).toBe(400);
  });

  it('odd file names do no harm', async () => {
    for (const name of ['../../etc/passwd', 'ä ö "quoted".txt', 'a'.repeat(300), '.']) {
      const answer = await post(form({ file: textFile(name), purpose: 'assistants' }));
      expect(answer.status).toBe(200);
    }
  });
});
