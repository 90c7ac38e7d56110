import { beforeAll, describe, expect, inject, it } from 'vitest';
import { documentsApi, newFolder, openDropBox, type DropBox } from '../../support/documents.ts';
import { bulkyPdf, longPdf, scanPdf, textPdf } from '../../support/pdfs.ts';
import { steer } from '../../support/simulator.ts';
import { clientFor } from '../../support/world.ts';

const endpoints = inject('endpoints');
const folder = newFolder();
let box: DropBox;
beforeAll(async () => {
  box = await openDropBox(endpoints);
});

const paid = (documentId: string): Promise<number> => steer(endpoints, documentId).runs();

// Nearly all the time goes by waiting for events: side by side.
describe.concurrent('a dropped PDF', () => {
  it('gets an analysis that quotes it, readable and for programs, paid once', async () => {
    const name = `${folder}/report.pdf`;
    const etag = await box.drop(name, await textPdf(['The lighthouse of Quartz Bay was sold for 4,200 euros.']));
    const analysis = await box.analysisOf(name, etag);
    expect(analysis.answer).toContain('sold for 4,200 euros');
    expect(analysis).toMatchObject({ model: 'gpt-4.1', pages: 1, kind: 'text', run: 1 });
    expect(analysis.estimated_cost_usd).toBeGreaterThan(0);
    const markdown = (await box.read(`${name}/analysis.md`)) ?? '';
    expect(markdown).toContain('# report');
    expect(markdown).toContain('sold for 4,200 euros');
    expect(markdown).toContain(analysis.response_id);
    expect(await paid(analysis.document_id)).toBe(1);
  });

  it('can be asked about by its response id', async () => {
    const name = `${folder}/question.pdf`;
    const etag = await box.drop(
      name,
      await textPdf(['The keeper of the lighthouse was Ada Brandt.', 'Herons nest there.']),
    );
    const { response_id: id } = await box.analysisOf(name, etag);
    const client = clientFor(endpoints, 'local');
    const answer = await client.responses.create({
      model: 'gpt-4.1',
      previous_response_id: id,
      input: 'Who was the keeper of the lighthouse?',
    });
    expect(answer.output_text).toContain('Ada Brandt');
  });

  it('leaves nothing at the service when its response is deleted', async () => {
    const name = `${folder}/deleted.pdf`;
    const etag = await box.drop(name, await textPdf(['To be deleted.']));
    const { response_id: id } = await box.analysisOf(name, etag);
    const client = clientFor(endpoints, 'local');
    const list = await client.files.list();
    const file = list.data.find(({ filename }) => filename === 'deleted.pdf');
    expect(file).toBeDefined();
    await client.responses.delete(id);
    const left = await steer(endpoints, file?.id ?? '').counts();
    expect(left.succeeded).toMatchObject({ 'files.delete': 1 });
    await expect(client.files.retrieve(file?.id ?? '')).rejects.toMatchObject({ status: 404 });
  });

  it.each([
    ['300 pages', 'long.pdf', () => longPdf(300, 'The herring is cheap this year.')],
    ['pictures of pages', 'scan.pdf', () => scanPdf(2)],
    ['8 MB', 'bulky.pdf', () => Promise.resolve(bulkyPdf(8 * 1024 * 1024, 'The needle lies in the hay.'))],
  ])('may have %s', async (_what, file, make) => {
    const name = `${folder}/${file}`;
    const { document_id: id } = await box.analysisOf(name, await box.drop(name, await make()));
    expect(await paid(id)).toBe(1);
  });

  it.each([
    'Größe über alles & mehr.pdf',
    'a/b c/d+e/100% #1 (ß).pdf',
    'it\'s "quoted" & `ticked`.pdf',
    '日本語の文書.pdf',
    'no extension',
    `${'long '.repeat(180)}end.pdf`,
  ])('may be called anything: %s', async (title) => {
    const name = `${folder}/${title}`;
    const etag = await box.drop(name, await textPdf([`The password of ${title.length} is Melusine.`]));
    expect((await box.analysisOf(name, etag)).answer).toContain('Melusine');
  });

  it('gets an analysis of its own among many at once', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `${folder}/many/${index}.pdf`);
    const etags = await Promise.all(
      names.map(async (name, index) => box.drop(name, await textPdf([`The secret number is ${1_000 + index}.`]))),
    );
    const analyses = await Promise.all(names.map((name, index) => box.analysisOf(name, etags[index] ?? '')));
    for (const [index, { answer }] of analyses.entries()) expect(answer).toContain(`number is ${1_000 + index}.`);
    const { data } = await documentsApi(endpoints).list(`?path=${folder}/many/&state=completed&limit=100`);
    expect(data).toHaveLength(25);
  });
});
