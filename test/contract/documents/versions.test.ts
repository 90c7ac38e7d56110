import { beforeAll, describe, expect, inject, it } from 'vitest';
import { documentsApi, newFolder, openDropBox, type DropBox } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { textPdf } from '../../support/pdfs.ts';
import { steer } from '../../support/simulator.ts';

const endpoints = inject('endpoints');
const folder = newFolder();
const api = documentsApi(endpoints);
let box: DropBox;
beforeAll(async () => {
  box = await openDropBox(endpoints);
});

const versionsOf = async (name: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const blob of box.analyses.listBlobsFlat({ prefix: `${name}/versions/` })) found.push(blob.name);
  return found;
};

describe.concurrent('new content at the same path', () => {
  it('is a version of its own, and the old JSON is kept', async () => {
    const name = `${folder}/report.pdf`;
    const first = await box.analysisOf(name, await box.drop(name, await textPdf(['The first was Ada.'])));
    const second = await box.analysisOf(name, await box.drop(name, await textPdf(['The second was Bruno.'])));
    expect(second.answer).toContain('Bruno');
    const [kept, ...more] = await versionsOf(name);
    expect(more).toEqual([]);
    expect(JSON.parse((await box.read(kept ?? '')) ?? '')).toMatchObject({ response_id: first.response_id });
    expect(await box.read(`${name}/analysis.md`)).toContain('Bruno');
  });

  it('takes the place of an error', async () => {
    const name = `${folder}/mended.pdf`;
    await box.errorOf(name, await box.drop(name, 'no pdf'));
    await box.analysisOf(name, await box.drop(name, await textPdf(['Now it is one.'])));
    expect(await box.read(`${name}/error.json`)).toBeUndefined();
  });

  it('does not leave the old analysis as if it were its own when it cannot be analysed', async () => {
    const name = `${folder}/spoilt.pdf`;
    await box.analysisOf(name, await box.drop(name, await textPdf(['It was good.'])));
    await box.errorOf(name, await box.drop(name, 'no pdf any more'));
    expect(await box.read(`${name}/analysis.json`)).toBeUndefined();
    expect(await box.read(`${name}/analysis.md`)).toBeUndefined();
    expect(await versionsOf(name)).toHaveLength(1);
  });

  it('ends the run on the old content, which is not worth its price any more', async () => {
    const name = `${folder}/overtaken.pdf`;
    await steer(endpoints, `${folder} stuck wish`).plan('create', { kind: 'stuck', state: 'in_progress' });
    await box.drop(name, await textPdf(['The old one.']), { prompt: `${folder} stuck wish` });
    const old = await eventually('a running document', async () => {
      const [found] = (await api.list(`?path=${name}&state=analysing`)).data;
      return found !== undefined && (await steer(endpoints, found.id).counts()).received.create === 1
        ? found
        : undefined;
    });
    const etag = await box.drop(name, await textPdf(['The new one.']));
    expect((await box.analysisOf(name, etag)).answer).toContain('The new one.');
    await api.settled(old.id, 'superseded');
    expect((await steer(endpoints, old.id).counts()).received).toMatchObject({ cancel: 1 });
  });

  it('ten times in a second ends with the last', async () => {
    const name = `${folder}/hasty.pdf`;
    const contents = await Promise.all(
      Array.from({ length: 10 }, (_, index) => textPdf([`This is draft number ${index}.`])),
    );
    let etag = '';
    for (const content of contents) etag = await box.drop(name, content);
    const analysis = await box.analysisOf(name, etag);
    expect(analysis.answer).toContain('draft number 9');
    const { data } = await api.list(`?path=${name}&limit=100`);
    for (const { id } of data) await api.settled(id, 'completed', 'superseded');
    expect(JSON.parse((await box.read(`${name}/analysis.json`)) ?? '')).toMatchObject({ source: { etag } });
    expect(await steer(endpoints, analysis.document_id).runs()).toBe(1);
  });
});

describe.concurrent('a replay', () => {
  it('analyses the same content again, as another response, and keeps the first JSON', async () => {
    const name = `${folder}/again.pdf`;
    const etag = await box.drop(name, await textPdf(['Once more, with feeling.']));
    const first = await box.analysisOf(name, etag);
    await api.settled(first.document_id, 'completed');
    await api.post(first.document_id, 'replay');
    const second = await eventually('a second analysis', async () => {
      const text = await box.read(`${name}/analysis.json`);
      const found: unknown = text === undefined ? undefined : JSON.parse(text);
      return found !== null && typeof found === 'object' && 'run' in found && found.run === 2 ? found : undefined;
    });
    expect(second).not.toMatchObject({ response_id: first.response_id });
    expect(await versionsOf(name)).toHaveLength(1);
  });

  it('of content that has been replaced is refused', async () => {
    const name = `${folder}/replaced.pdf`;
    const first = await box.analysisOf(name, await box.drop(name, await textPdf(['The old one.'])));
    await box.analysisOf(name, await box.drop(name, await textPdf(['The new one.'])));
    expect(await api.status('POST', `documents/${first.document_id}/replay`)).toBe(409);
  });
});
