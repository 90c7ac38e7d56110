import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentsApi, openDropBox, type DocumentView, type DropBox } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { textPdf } from '../../support/pdfs.ts';
import { planStore } from '../../support/records.ts';
import { steer } from '../../support/simulator.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let box: DropBox;
beforeAll(async () => {
  world = await startWorld({ environment: { MAX_QUEUED_MINUTES: '0.1' } });
  box = await openDropBox(world.endpoints);
});
afterAll(() => world.stop());

describe.concurrent('nothing is tried for ever', () => {
  it.each([
    ['throttles', 'busy', 'files.create', { kind: 'throttle', retryAfterSeconds: 1 }, 'service_unavailable'],
    ['lacks a role', 'roleless', 'files.create', { kind: 'denied', why: 'role' }, 'not_authorized'],
    ['never takes the run', 'untaken', 'create', { kind: 'throttle', retryAfterSeconds: 1 }, 'service_failed'],
  ])('a service that %s for too long ends the document', async (_what, title, operation, fault, reason) => {
    await steer(world.endpoints, title).plan(operation, fault, { times: 'always' });
    const etag = await box.drop(`${title}.pdf`, await textPdf(['Anything.']), { prompt: title });
    const error = await box.errorOf(`${title}.pdf`, etag);
    expect(error).toMatchObject({ reason });
    expect(await documentsApi(world.endpoints).settled(error.document_id, 'failed')).toMatchObject({
      error: { code: reason },
    });
  });

  it('a store that is out for too long ends the document', async () => {
    const title = 'unrecorded.pdf';
    const out = { operation: 'create', container: 'chains', status: 503, times: 500, contains: title };
    await planStore(world.endpoints, out);
    const error = await box.errorOf(title, await box.drop(title, await textPdf(['Anything.'])));
    expect(error).toMatchObject({ reason: 'not_taken_in' });
    expect(await steer(world.endpoints, error.document_id).runs()).toBe(0);
  });

  it('a result that cannot be written does not keep the document from its end', async () => {
    // Somebody else holds it.
    const blob = box.analyses.getBlockBlobClient('kept.pdf/error.json');
    await blob.upload('{}', 2);
    await blob.getBlobLeaseClient().acquireLease(-1);
    await box.drop('kept.pdf', 'no pdf');
    const api = documentsApi(world.endpoints);
    const { id } = await eventually('a document', async () => (await api.list('?path=kept')).data[0]);
    expect(await api.settled(id, 'failed')).toMatchObject({ error: { code: 'not_a_pdf' } });
    expect(await box.read('kept.pdf/error.json')).toBe('{}');
  });

  it('but what has taken long for other reasons is not given up because a store fails at last', async () => {
    await steer(world.endpoints, 'patient').plan('create', { kind: 'pace', runningMs: 8_000 });
    const etag = await box.drop('patient.pdf', await textPdf(['Anything.']), { prompt: 'patient' });
    const api = documentsApi(world.endpoints);
    const analysing = (): Promise<DocumentView | undefined> =>
      api.list('?path=patient&state=analysing').then(({ data }) => data[0]);
    const { id } = await eventually('an analysis', analysing);
    const started = async (): Promise<true | undefined> =>
      ((await steer(world.endpoints, id).counts()).received.retrieve ?? 0) > 4 ? true : undefined;
    await eventually('looks at it', started);
    for (const operation of ['read', 'replace']) {
      const failing = { operation, container: 'directory', status: 503, times: 4, contains: id };
      await planStore(world.endpoints, failing);
    }
    expect(await box.analysisOf('patient.pdf', etag)).toMatchObject({ document_id: id });
    expect(await api.settled(id, 'completed')).toMatchObject({ error: null });
    expect(await steer(world.endpoints, id).runs()).toBe(1);
  });
});
