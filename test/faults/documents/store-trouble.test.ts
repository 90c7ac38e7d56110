import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBlobDoor, type BlobDoor } from '../../support/blob-door.ts';
import { documentsApi, openDropBox, type DropBox } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { textPdf } from '../../support/pdfs.ts';
import { startSecondHost, type SecondHost } from '../../support/second-host.ts';
import { steer } from '../../support/simulator.ts';
import { startWorld, type World } from '../../support/world.ts';

/** Documents are left to the second host, whose way to Blob Storage leads through a door. */
const NO_DOCUMENTS = {
  'AzureWebJobs.documentDropped.Disabled': 'true',
  'AzureWebJobs.documentPoisoned.Disabled': 'true',
  'AzureWebJobs.reconcile.Disabled': 'true',
};

let world: World;
let door: BlobDoor;
let host: SecondHost;
let box: DropBox;
beforeAll(async () => {
  world = await startWorld({ environment: NO_DOCUMENTS });
  door = await startBlobDoor(world.endpoints);
  host = await startSecondHost(world.endpoints, {
    DataStorage__blobServiceUri: door.blobServiceUri,
    POLL_INTERVAL_SECONDS: '0.1',
    POLL_MAX_INTERVAL_SECONDS: '1',
  });
  box = await openDropBox(world.endpoints);
});
afterAll(async () => {
  await host.stop();
  await door.stop();
  await world.stop();
});

const drop = async (title: string): Promise<string> =>
  box.drop(`${title}.pdf`, await textPdf([`The secret of ${title} is Melusine.`]), {
    prompt: `Say the secret (${title})`,
  });

const received = async (title: string, operation: string): Promise<number> =>
  (await steer(world.endpoints, title).counts()).received[operation] ?? 0;

describe('Blob Storage that is out for a while', () => {
  const titles = ['reading', 'writing', 'arriving'];

  it('loses no document, has none analysed twice, and none reported as failed', async () => {
    const api = documentsApi(world.endpoints);
    const ofTitle = async (title: string) => (await api.list(`?path=${title}`)).data[0];
    const etags = new Map<string, string>();

    // One is in the middle of being read, one is about to write its results, one is only just dropped.
    door.shut(/^GET [^?]*\/pdfs\/reading/);
    etags.set('reading', await drop('reading'));
    await eventually('a first read', () => Promise.resolve(door.refused() > 0 ? true : undefined));
    await steer(world.endpoints, 'writing').plan('create', { kind: 'pace', runningMs: 1_000 });
    etags.set('writing', await drop('writing'));
    await eventually('a submission', async () => ((await received('writing', 'create')) > 0 ? true : undefined));
    door.shut(/./);
    etags.set('arriving', await drop('arriving'));

    // It takes the storage SDK a quarter of a minute to give up.
    for (const title of ['reading', 'writing']) {
      const troubled = await eventually(`trouble with ${title}`, async () => {
        const found = await ofTitle(title);
        return found?.note === 'a store failed; trying again' ? found : undefined;
      });
      expect(troubled).toMatchObject({ state: title === 'reading' ? 'received' : 'analysing', error: null });
    }
    expect(await ofTitle('arriving')).toBeUndefined();
    door.open();

    for (const title of titles) {
      const analysis = await box.analysisOf(`${title}.pdf`, etags.get(title) ?? '');
      expect(analysis.answer).toContain('Melusine');
      expect(await box.read(`${title}.pdf/error.json`)).toBeUndefined();
      expect(await api.settled(analysis.document_id, 'completed')).toMatchObject({ run: 1, note: null, error: null });
      expect(await steer(world.endpoints, analysis.document_id).runs()).toBe(1);
      expect(await received(`${title}-`, 'files.create')).toBe(1);
    }
    expect((await api.list()).data).toHaveLength(titles.length);
  }, 120_000);
});
