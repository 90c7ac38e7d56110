import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { documentsApi, newFolder, openDropBox, type DropBox } from '../../support/documents.ts';
import { textPdf } from '../../support/pdfs.ts';
import { startSecondHost, type SecondHost } from '../../support/second-host.ts';
import { steer } from '../../support/simulator.ts';

const endpoints = inject('endpoints');
const folder = newFolder();
const secret = randomUUID();
let box: DropBox;
let azure: SecondHost;

/** An instance with the settings of Azure: no Development, named keys, events in place of scanning. */
beforeAll(async () => {
  box = await openDropBox(endpoints);
  azure = await startSecondHost(endpoints, {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
    AUTH_MODE: 'keys',
    AUTH_KEYS: JSON.stringify({ local: [createHash('sha256').update(secret).digest('hex')] }),
    AUTH_AUTHORITY: '',
  });
});
afterAll(() => azure.stop());

/** What Event Grid posts for a new blob. */
const tell = (name: string, etag: string): Promise<Response> =>
  fetch(`${azure.gateway}/runtime/webhooks/blobs?functionName=Host.Functions.documentDropped`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification' },
    body: JSON.stringify([
      {
        eventType: 'Microsoft.Storage.BlobCreated',
        data: {
          url: `${endpoints.blob}/pdfs/${name.split('/').map(encodeURIComponent).join('/')}`,
          eTag: etag.replaceAll('"', ''),
          blobType: 'BlockBlob',
        },
      },
    ]),
  });

const functions = z.array(
  z.looseObject({
    name: z.string(),
    config: z.looseObject({ bindings: z.array(z.looseObject({ type: z.string() })) }),
  }),
);

/** How the trigger for dropped files was registered. */
async function triggerAt(gateway: string): Promise<unknown> {
  const list = functions.parse(await (await fetch(`${gateway}/admin/functions`)).json());
  const dropped = list.find(({ name }) => name === 'documentDropped');
  return dropped?.config.bindings.find(({ type }) => type === 'blobTrigger');
}

describe('the trigger for dropped files', () => {
  it('is one function, with events in Azure and scanning on a laptop, and never takes the file itself', async () => {
    const common = { path: 'pdfs/{name}', connection: 'DataStorage', sdkBinding: true };
    expect(await triggerAt(azure.gateway)).toMatchObject({ ...common, source: 'EventGrid' });
    expect(await triggerAt(endpoints.gateway)).toMatchObject({ ...common, source: 'LogsAndContainerScan' });
  });
});

describe('an instance in Azure', () => {
  it('hears of a PDF by Event Grid, any number of times, and shares the work with another instance', async () => {
    const name = `${folder}/Größe & mehr.pdf`;
    await steer(endpoints, `${folder} wish`).plan('create', { kind: 'pace', runningMs: 1_500 });
    const content = await textPdf(['The secret of the grid is Melusine.']);
    const etag = await box.drop(name, content, { prompt: `Say the secret. ${folder} wish` });
    const answers = await Promise.all([tell(name, etag), tell(name, etag), tell(name, etag)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    const analysis = await box.analysisOf(name, etag);
    expect(analysis.answer).toContain('Melusine');
    await documentsApi({ ...endpoints, gateway: azure.gateway }, secret).settled(analysis.document_id, 'completed');
    expect(await steer(endpoints, analysis.document_id).counts()).toMatchObject({ runs: 1, received: { create: 1 } });
    expect((await documentsApi(endpoints).list(`?path=${folder}/`)).data).toHaveLength(1);
  });
});
