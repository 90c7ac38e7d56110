import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentsApi, openDropBox, type DropBox } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { textPdf } from '../../support/pdfs.ts';
import { steer } from '../../support/simulator.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let box: DropBox;
beforeAll(async () => {
  world = await startWorld();
  box = await openDropBox(world.endpoints);
});
afterAll(() => world.stop());

const LIMIT_MS = 120_000;

const drop = async (title: string): Promise<string> =>
  box.drop(`${title}.pdf`, await textPdf([`The secret of ${title} is Melusine.`]), {
    prompt: `Say the secret (${title})`,
  });

const received = async (contains: string, operation: string): Promise<true | undefined> =>
  ((await steer(world.endpoints, contains).counts()).received[operation] ?? 0) > 0 ? true : undefined;

describe('kill -9 of the host', () => {
  it(
    'in the middle of an upload leaves one analysis and one file',
    async () => {
      await steer(world.endpoints, 'sinking').plan('files.create', { kind: 'slow', beforeMs: 2_000 });
      const etag = await drop('sinking');
      await eventually('an upload', () => received('sinking-', 'files.create'));
      await world.killHost();
      const analysis = await box.analysisOf('sinking.pdf', etag);
      expect(analysis.answer).toContain('Melusine');
      expect(await steer(world.endpoints, analysis.document_id).runs()).toBe(1);
    },
    LIMIT_MS,
  );

  it(
    'while the service works leaves one analysis, paid once',
    async () => {
      await steer(world.endpoints, 'working').plan('create', { kind: 'pace', runningMs: 3_000 });
      const etag = await drop('working');
      const api = documentsApi(world.endpoints);
      const running = await eventually(
        'a running document',
        async () => (await api.list('?path=working&state=analysing')).data[0],
      );
      await eventually('a submitted run', () => received(running.id, 'retrieve'));
      await world.killHost();
      await box.analysisOf('working.pdf', etag);
      expect(await steer(world.endpoints, running.id).runs()).toBe(1);
    },
    LIMIT_MS,
  );

  it(
    'again and again, at any moment, leaves one end for every document',
    async () => {
      const titles = Array.from({ length: 8 }, (_, index) => `stormy-${index}`);
      const etags = await Promise.all(titles.map((title) => drop(title)));
      const broken = await box.drop('stormy-broken.pdf', 'no pdf');
      for (const files of [1, 4]) {
        const marker = `stormy-`;
        await eventually(`${files} uploads`, async () => {
          const { received: seen } = await steer(world.endpoints, marker).counts();
          return (seen['files.create'] ?? 0) >= files ? true : undefined;
        });
        await world.killHost();
      }
      const analyses = await Promise.all(
        titles.map((title, index) => box.analysisOf(`${title}.pdf`, etags[index] ?? '')),
      );
      expect(await box.errorOf('stormy-broken.pdf', broken)).toMatchObject({ reason: 'not_a_pdf' });
      const api = documentsApi(world.endpoints);
      for (const [index, analysis] of analyses.entries()) {
        expect(analysis.answer).toContain(`stormy-${index} is Melusine`);
        await api.settled(analysis.document_id, 'completed');
      }
      expect((await api.list('?path=stormy-&limit=100')).data).toHaveLength(9);
    },
    LIMIT_MS,
  );
});
