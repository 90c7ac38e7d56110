import { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Think } from '../../../../../local/openai/turn.ts';
import { errorOf, messageOf, outputText, startSimulator, USAGE, type Reply, type Simulator } from './simulator.ts';

/** Answers with the text of the first file that it is given. */
const reading: Think = async function* (turn) {
  const [id] = /assistant-[0-9a-f]+/.exec(JSON.stringify(turn.context)) ?? [''];
  const { filename, bytes } = await turn.readFile(id);
  yield messageOf(turn, `${filename}: ${Buffer.from(bytes).toString()}`);
  return { status: 'completed', usage: USAGE };
};

let azure: Simulator;
beforeAll(async () => {
  azure = await startSimulator({ think: reading });
});
afterAll(() => azure.stop());

async function upload(content: string | Buffer, name: string, fields: Record<string, string>): Promise<Reply> {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) form.append(key, value);
  form.append('file', new Blob([content]), name);
  const response = await fetch(`${azure.address}/openai/v1/files`, {
    method: 'POST',
    headers: { 'api-key': 'k' },
    body: form,
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Reply['body'] };
}

describe('files', () => {
  it('are uploaded, listed, read by the model and deleted', async () => {
    const file = await azure.client.files.create({
      file: await toFile(Buffer.from('the text'), 'Übung 1.txt'),
      purpose: 'assistants',
    });
    expect(file).toMatchObject({
      id: expect.stringMatching(/^assistant-/),
      object: 'file',
      bytes: 8,
      filename: 'Übung 1.txt',
      purpose: 'assistants',
      status: 'processed',
    });
    expect((await azure.client.files.list()).data.map(({ id }) => id)).toContain(file.id);
    expect(await azure.client.files.retrieve(file.id)).toEqual(file);
    const content = [{ type: 'input_file', file_id: file.id }];
    const { body } = await azure.create({ input: [{ role: 'user', content }] });
    expect(outputText(body)).toBe('Übung 1.txt: the text');
    expect(await azure.client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    expect((await azure.send('GET', `/files/${file.id}`)).status).toBe(404);
    const lost = await azure.create({ input: [{ role: 'user', content }] });
    expect(errorOf(lost)).toMatchObject({ code: 'file_not_found', message: `File with id '${file.id}' not found.` });
  });

  it('of purpose assistants are not given back, lines are', async () => {
    const content = async (reply: Reply) => azure.send('GET', `/files/${String(reply.body.id)}/content`);
    const kept = await content(await upload('x', 'a.txt', { purpose: 'assistants' }));
    expect(kept.status).toBe(400);
    expect(errorOf(kept).message).toBe('Not allowed to download files of purpose: assistants');
    const lines = await content(await upload('[1]', 'a.jsonl', { purpose: 'batch' }));
    expect(lines).toMatchObject({ status: 200, body: { text: '[1]' } });
  });

  it.each([
    ['purpose user_data for a PDF by name', 'x', 'a.pdf', { purpose: 'user_data' }, 'purpose'],
    ['purpose user_data for a PDF by content', '%PDF-1.7', 'a', { purpose: 'user_data' }, 'purpose'],
    ['an unknown purpose', 'x', 'a', { purpose: 'fun' }, 'purpose'],
    ['no purpose', 'x', 'a', {}, 'purpose'],
    ['an empty file', '', 'a', { purpose: 'assistants' }, 'file'],
    ['a batch that is no lines', 'x', 'a.txt', { purpose: 'batch' }, 'file'],
    [
      'an expiry below an hour',
      'x',
      'a',
      { purpose: 'assistants', 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '3599' },
      'expires_after.seconds',
    ],
    [
      'an expiry above 30 days',
      'x',
      'a',
      { purpose: 'assistants', 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '2592001' },
      'expires_after.seconds',
    ],
    [
      'an expiry from nowhere',
      'x',
      'a',
      { purpose: 'assistants', 'expires_after[seconds]': '3600' },
      'expires_after.anchor',
    ],
  ])('refuse %s', async (_name, content, name, fields, param) => {
    const refused = await upload(content, name, fields);
    expect(refused.status).toBe(400);
    expect(errorOf(refused).param).toBe(param);
  });

  it('take user_data that is no PDF', async () => {
    expect((await upload('x', 'a.txt', { purpose: 'user_data' })).body).toMatchObject({ purpose: 'user_data' });
  });

  it('expire', async () => {
    const other = await startSimulator();
    const expires_after = { anchor: 'created_at', seconds: 3600 } as const;
    const file = await other.client.files.create({
      file: await toFile(Buffer.from('x'), 'a.txt'),
      purpose: 'assistants',
      expires_after,
    });
    expect(file.expires_at).toBe(file.created_at + 3600);
    expect((await other.send('GET', `/files/${file.id}`)).status).toBe(200);
    await other.control('POST', '/clock', { advanceMs: 3_600_000 });
    expect((await other.send('GET', `/files/${file.id}`)).status).toBe(404);
    expect((await other.send('GET', '/files')).body).toMatchObject({ data: [] });
    await other.stop();
  });

  it('of many parts come back whole', async () => {
    const content = Buffer.alloc(3_500_000, 'abcdefg\n');
    const { body } = await upload(content, 'large.jsonl', { purpose: 'batch' });
    const back = await azure.client.files.content(String(body.id));
    expect(Buffer.from(await back.arrayBuffer()).equals(content)).toBe(true);
  });

  it('are listed by purpose and in pages', async () => {
    const { body } = await upload('[]', 'z.jsonl', { purpose: 'evals' });
    const page = await azure.send('GET', '/files?purpose=evals&limit=1');
    expect(page.body).toMatchObject({ data: [{ id: body.id }], first_id: body.id, last_id: body.id, has_more: false });
  });

  it('leave nothing behind when they are refused', async () => {
    const before = (await azure.control('GET', '/state')).body.files;
    await upload('x', 'a.pdf', { purpose: 'user_data' });
    expect((await azure.control('GET', '/state')).body.files).toBe(before);
  });

  it('need a form', async () => {
    expect((await azure.send('POST', '/files', { purpose: 'assistants' })).status).toBe(400);
  });
});
