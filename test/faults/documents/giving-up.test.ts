import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { control, documentsApi, openDropBox, type DropBox } from '../../support/documents.ts';
import { textPdf } from '../../support/pdfs.ts';
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
    const scenario = { match: { operation, contains: title }, times: 'always', fault };
    await control(world.endpoints, 'POST', 'scenarios', scenario);
    const etag = await box.drop(`${title}.pdf`, await textPdf(['Anything.']), { prompt: title });
    const error = await box.errorOf(`${title}.pdf`, etag);
    expect(error).toMatchObject({ reason });
    expect(await documentsApi(world.endpoints).settled(error.document_id, 'failed')).toMatchObject({
      error: { code: reason },
    });
  });
});
