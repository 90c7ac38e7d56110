import { beforeAll, describe, expect, inject, it } from 'vitest';
import { documentsApi, newFolder, openDropBox, type DropBox } from '../../support/documents.ts';
import { encryptedPdf, longPdf, textPdf } from '../../support/pdfs.ts';
import { steer } from '../../support/simulator.ts';

const endpoints = inject('endpoints');
const folder = newFolder();
let box: DropBox;
beforeAll(async () => {
  box = await openDropBox(endpoints);
});

/** Word's own file type: a zip archive with a known first entry. */
const docx = Buffer.concat([Buffer.from('504b030414000600', 'hex'), Buffer.from('[Content_Types].xml')]);

const cases: [what: string, file: string, make: () => Promise<Uint8Array | string>, reason: string, says: string][] = [
  ['a text file that is called PDF', 'text.pdf', () => Promise.resolve('Just words.'), 'not_a_pdf', 'a text file'],
  ['a Word file', 'letter.docx', () => Promise.resolve(docx), 'not_a_pdf', 'Word'],
  ['a file with a password', 'locked.pdf', () => encryptedPdf('hidden'), 'encrypted', 'password'],
  [
    'half a file',
    'half.pdf',
    async () => {
      const whole = await longPdf(20, 'On every page.');
      return whole.subarray(0, whole.length / 2);
    },
    'damaged',
    'ends early',
  ],
  ['a file of 1,001 pages', 'endless.pdf', () => longPdf(1_001, ''), 'too_many_pages', '1001 pages; at most 1000'],
];

describe.concurrent('a file that cannot be analysed', () => {
  it.each(cases)('is told what is wrong: %s', async (_what, file, make, reason, says) => {
    const name = `${folder}/${file}`;
    const error = await box.errorOf(name, await box.drop(name, await make()));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(says);
    expect(error.what_to_do.length).toBeGreaterThan(20);
    const view = await documentsApi(endpoints).settled(error.document_id, 'failed');
    expect(view.error).toMatchObject({ code: reason });
    // Nothing was sent to the service, let alone paid.
    expect(await steer(endpoints, error.document_id.slice(0, 8)).counts()).toMatchObject({ received: {}, runs: 0 });
  });

  it('is an empty one that stays empty', async () => {
    const name = `${folder}/empty.pdf`;
    expect(await box.errorOf(name, await box.drop(name, ''))).toMatchObject({ reason: 'empty' });
  });

  it('is not an empty one that gets its content a moment later', async () => {
    const name = `${folder}/two-steps.pdf`;
    const empty = await box.drop(name, '');
    const [first] = (await documentsApi(endpoints).list(`?path=${name}`)).data;
    const etag = await box.drop(name, await textPdf(['It was written in two steps.']));
    expect((await box.analysisOf(name, etag)).answer).toContain('in two steps');
    expect(await box.read(`${name}/error.json`)).toBeUndefined();
    if (first?.source.etag === empty) await documentsApi(endpoints).settled(first.id, 'superseded');
  });
});
