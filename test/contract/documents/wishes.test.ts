import { beforeAll, describe, expect, inject, it } from 'vitest';
import { newFolder, openDropBox, documentsApi, type DropBox } from '../../support/documents.ts';
import { textPdf } from '../../support/pdfs.ts';

const endpoints = inject('endpoints');
const folder = newFolder();
let box: DropBox;
beforeAll(async () => {
  box = await openDropBox(endpoints);
});

const invoice = {
  type: 'object',
  properties: { sender: { type: 'string' }, total: { type: 'number' } },
  required: ['sender', 'total'],
  additionalProperties: false,
};

describe.concurrent('how a document is analysed', () => {
  it('is said by the folder it lies in', async () => {
    await box.drop(`${folder}/a/_prompt.md`, 'Reply with exactly: the folder has spoken.');
    const name = `${folder}/a/b/c.pdf`;
    const analysis = await box.analysisOf(name, await box.drop(name, await textPdf(['Anything.'])));
    expect(analysis.prompt).toMatchObject({ source: `${folder}/a/_prompt.md` });
    const { data } = await documentsApi(endpoints).list(`?path=${folder}/a/`);
    expect(data.map(({ source }) => source.name)).toEqual([name]);
  });

  it('is said by the file itself before its folder', async () => {
    await box.drop(`${folder}/m/_prompt.md`, 'The folder.');
    const name = `${folder}/m/c.pdf`;
    const metadata = { promptb64: Buffer.from('Wie groß?', 'utf8').toString('base64url'), model: 'gpt-4.1-mini' };
    const analysis = await box.analysisOf(name, await box.drop(name, await textPdf(['Anything.']), metadata));
    expect(analysis).toMatchObject({
      prompt: { source: 'metadata' },
      model: expect.stringContaining('gpt-4.1-mini') as string,
    });
  });

  it('may ask for an object of a given form', async () => {
    await box.drop(`${folder}/s/_schema.json`, JSON.stringify(invoice));
    const name = `${folder}/s/invoice.pdf`;
    const analysis = await box.analysisOf(
      name,
      await box.drop(name, await textPdf(['Invoice of Brandt & Co, total 42.'])),
    );
    expect(analysis.data).toMatchObject({ sender: expect.any(String) as string, total: expect.any(Number) as number });
    expect(analysis.schema).toMatchObject({ source: `${folder}/s/_schema.json` });
    expect(await box.read(`${name}/analysis.md`)).toContain('```json');
  });

  it('ends in a clear error when the schema is broken', async () => {
    await box.drop(`${folder}/broken/_schema.json`, '{"type":"object","properties":{"a":{"type":"nummber"}}}');
    const name = `${folder}/broken/c.pdf`;
    const error = await box.errorOf(name, await box.drop(name, await textPdf(['Anything.'])));
    expect(error.reason).toBe('invalid_schema');
    expect(error.message).toContain(`${folder}/broken/_schema.json`);
  });

  it('ends in a clear error when the model does not exist, and can be replayed after the correction', async () => {
    await box.drop(`${folder}/model/_model.txt`, 'gpt-none');
    const name = `${folder}/model/c.pdf`;
    const etag = await box.drop(name, await textPdf(['The answer is Melusine.']));
    const error = await box.errorOf(name, etag);
    expect(error.reason).toBe('unknown_model');
    await box.drop(`${folder}/model/_model.txt`, 'gpt-4.1');
    const api = documentsApi(endpoints);
    await api.settled(error.document_id, 'failed');
    expect(await api.post(error.document_id, 'replay')).toMatchObject({ state: 'received', run: 2, error: null });
    expect((await box.analysisOf(name, etag)).answer).toContain('Melusine');
    expect(await box.read(`${name}/error.json`)).toBeUndefined();
  });
});
