import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentsApi, openDropBox, type DropBox } from '../support/documents.ts';
import { riseDuring } from '../support/memory.ts';
import { bulkyPdf, longPdf, textPdf } from '../support/pdfs.ts';
import { steer } from '../support/simulator.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let box: DropBox;
beforeAll(async () => {
  world = await startWorld();
  box = await openDropBox(world.endpoints);
});
afterAll(() => world.stop());

const LIMIT_MS = 600_000;
const MEGABYTE = 1024 * 1024;

describe('many and large documents', () => {
  it(
    'raise the process by less than 150 MB for a file of 100 MB',
    async () => {
      await box.analysisOf('warm.pdf', await box.drop('warm.pdf', await textPdf(['Warm.'])));
      const { answer: analysis, megabytes } = await riseDuring(world.endpoints.hostPid, async () => {
        const etag = await box.drop('bulky.pdf', bulkyPdf(99 * MEGABYTE, 'The needle lies in the hay.'));
        return box.analysisOf('bulky.pdf', etag);
      });
      expect(analysis.answer).toContain('needle');
      expect(megabytes).toBeLessThan(150);
    },
    LIMIT_MS,
  );

  it(
    'of 1,000 pages are analysed',
    async () => {
      const etag = await box.drop('thousand.pdf', await longPdf(1_000, 'The herring is cheap this year.'));
      expect(await box.analysisOf('thousand.pdf', etag)).toMatchObject({ pages: 1_000, kind: 'text' });
    },
    LIMIT_MS,
  );

  it(
    'at once, 200 of them, get one analysis each',
    async () => {
      const names = Array.from({ length: 200 }, (_, index) => `crowd/${index}.pdf`);
      const etags = await Promise.all(
        names.map(async (name, index) => box.drop(name, await textPdf([`The secret number is ${1_000 + index}.`]))),
      );
      for (const [index, name] of names.entries()) {
        const analysis = await box.analysisOf(name, etags[index] ?? '');
        expect(analysis.answer).toContain(`number is ${1_000 + index}.`);
        expect(await steer(world.endpoints, analysis.document_id).runs()).toBe(1);
      }
      const api = documentsApi(world.endpoints);
      expect((await api.list('?path=crowd/&limit=100')).has_more).toBe(true);
    },
    LIMIT_MS,
  );
});
