import { beforeAll, describe, expect, inject, it } from 'vitest';
import { documentsApi, newFolder, openDropBox, type DropBox } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { textPdf } from '../../support/pdfs.ts';
import { steer } from '../../support/simulator.ts';

const endpoints = inject('endpoints');
const folder = newFolder();
const api = documentsApi(endpoints);
let box: DropBox;
let ids: string[];

beforeAll(async () => {
  box = await openDropBox(endpoints);
  const results = await Promise.all(
    ['a/1.pdf', 'a/2.pdf', 'b/3.pdf'].map(async (file) => {
      const name = `${folder}/${file}`;
      return box.analysisOf(name, await box.drop(name, await textPdf([`Text of ${file}.`])));
    }),
  );
  await box.errorOf(`${folder}/b/bad.pdf`, await box.drop(`${folder}/b/bad.pdf`, 'no pdf'));
  ids = results.map((result) => result.document_id);
  await Promise.all(ids.map((id) => api.settled(id, 'completed')));
});

const namesOf = async (query: string): Promise<string[]> =>
  (await api.list(query)).data.map(({ source }) => source.name.slice(folder.length + 1)).toSorted();

describe('the list of documents', () => {
  it('can be asked for by the beginning of the path and by the state', async () => {
    expect(await namesOf(`?path=${folder}/a/`)).toEqual(['a/1.pdf', 'a/2.pdf']);
    await eventually('a failed document', async () => (await namesOf(`?path=${folder}/&state=failed`))[0]);
    expect(await namesOf(`?path=${folder}/&state=failed`)).toEqual(['b/bad.pdf']);
    expect(await namesOf(`?path=${folder}/b/&state=completed`)).toEqual(['b/3.pdf']);
  });

  it('has pages that do not overlap and leave nothing out', async () => {
    const seen: string[] = [];
    let after = '';
    for (let more = true; more;) {
      const page = await api.list(`?path=${folder}/&limit=3${after}`);
      seen.push(...page.data.map(({ id }) => id));
      more = page.has_more;
      after = `&after=${page.last_id ?? ''}`;
    }
    expect(seen).toHaveLength(4);
    expect(new Set(seen).size).toBe(4);
  });

  it('refuses a state or cursor that does not exist', async () => {
    expect(await api.status('GET', 'documents?state=lost')).toBe(400);
    expect(await api.status('GET', `documents?after=${'0'.repeat(64)}`)).toBe(404);
  });

  it('is empty for somebody who does not own the documents', async () => {
    expect((await documentsApi(endpoints, 'stranger').list(`?path=${folder}/`)).data).toEqual([]);
  });
});

describe('one document', () => {
  it('says where it stands and where its results are', async () => {
    expect(await api.get(ids[0] ?? '')).toMatchObject({
      object: 'document',
      state: 'completed',
      pages: 1,
      estimate: { input_tokens: expect.any(Number) as number },
      results: { container: 'analyses', json: `${folder}/a/1.pdf/analysis.json` },
    });
  });

  it('is unknown to strangers, and so is every odd id', async () => {
    const stranger = documentsApi(endpoints, 'stranger');
    for (const verb of ['', '/replay', '/cancel']) {
      const method = verb === '' ? 'GET' : 'POST';
      expect(await stranger.status(method, `/documents/${ids[0] ?? ''}${verb}`)).toBe(404);
    }
    for (const odd of ['x', 'document:1', "'%20OR%201=1", '0'.repeat(64)]) {
      expect(await api.status('GET', `documents/${odd}`), odd).toBe(404);
    }
  });

  it('can be cancelled while the service works on it', async () => {
    const name = `${folder}/slow.pdf`;
    await steer(endpoints, `${folder} slow wish`).plan('create', { kind: 'stuck', state: 'in_progress' });
    const etag = await box.drop(name, await textPdf(['Slowly.']), { prompt: `${folder} slow wish` });
    const running = await eventually('a running document', async () => {
      const [found] = (await api.list(`?path=${name}&state=analysing`)).data;
      return found;
    });
    expect(await api.post(running.id, 'cancel')).toMatchObject({ state: 'cancelled' });
    expect(await box.errorOf(name, etag)).toMatchObject({ reason: 'cancelled' });
    expect(await api.post(running.id, 'cancel')).toMatchObject({ state: 'cancelled' });
  });
});
