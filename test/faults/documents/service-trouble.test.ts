import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { documentsApi, openDropBox, type DropBox } from '../../support/documents.ts';
import { textPdf } from '../../support/pdfs.ts';
import { simulatorControl, steer, type Steering } from '../../support/simulator.ts';
import { clientFor, startWorld, type World } from '../../support/world.ts';

let world: World;
let box: DropBox;
beforeAll(async () => {
  world = await startWorld({ environment: { DOCUMENTS_OWNER: '*' } });
  box = await openDropBox(world.endpoints);
});
afterAll(() => world.stop());

const serviceFor = (marker: string): Steering => steer(world.endpoints, marker);

/** Drops a file whose name and prompt tell its requests apart. */
const drop = async (title: string): Promise<string> =>
  box.drop(`${title}.pdf`, await textPdf([`The secret of ${title} is Melusine.`]), {
    prompt: `Say the secret (${title})`,
  });

const state = z.object({ files: z.number() });
const filesAtService = async (): Promise<number> =>
  state.parse(await simulatorControl(world.endpoints, 'GET', 'state')).files;

describe('a service in trouble', () => {
  it('that throttles is waited for', async () => {
    const throttle = { kind: 'throttle', retryAfterSeconds: 1 };
    await serviceFor('throttled').plan('files.create', throttle);
    await serviceFor('throttled').plan('create', throttle);
    const analysis = await box.analysisOf('throttled.pdf', await drop('throttled'));
    expect(analysis.answer).toContain('Melusine');
    expect(await serviceFor(analysis.document_id).runs()).toBe(1);
  });

  it('that loses the answer to an upload is searched for the file, which is not sent twice', async () => {
    await serviceFor('unheard').plan('files.create', { kind: 'lose_answer' });
    const analysis = await box.analysisOf('unheard.pdf', await drop('unheard'));
    expect(analysis.answer).toContain('Melusine');
    expect((await serviceFor('unheard-').counts()).received['files.create']).toBe(1);
  });

  it.each([
    ['filters the document', 'filtered-in', { kind: 'content_filter', side: 'input' }, 'content_filter', 'refused'],
    ['filters the answer', 'filtered-out', { kind: 'content_filter', side: 'output' }, 'content_filter', 'cut'],
    [
      'fails the run',
      'failing',
      { kind: 'fail', code: 'server_error', message: 'It broke.' },
      'service_failed',
      'broke',
    ],
  ])('that %s says so in error.json, and keeps no file', async (_what, title, fault, reason, says) => {
    await serviceFor(title).plan('create', fault, { times: 'always' });
    const before = await filesAtService();
    const error = await box.errorOf(`${title}.pdf`, await drop(title));
    expect(error).toMatchObject({ reason });
    expect(error.message).toContain(says);
    await documentsApi(world.endpoints).settled(error.document_id, 'failed');
    expect((await serviceFor(`${title}-`).counts()).succeeded).toMatchObject({ 'files.create': 1 });
    expect(await filesAtService()).toBe(before);
  });

  it('that refuses the file says why', async () => {
    const fault = {
      kind: 'status',
      status: 400,
      error: { code: 'invalid_file', message: 'This file is not welcome.' },
    };
    await serviceFor('unwelcome').plan('files.create', fault, { times: 'always' });
    const error = await box.errorOf('unwelcome.pdf', await drop('unwelcome'));
    expect(error).toMatchObject({ reason: 'refused', message: 'This file is not welcome.' });
  });

  it('that loses a run gets it once more', async () => {
    await serviceFor('vanishing').plan('create', { kind: 'vanish' });
    const analysis = await box.analysisOf('vanishing.pdf', await drop('vanishing'));
    expect(analysis.answer).toContain('Melusine');
  });
});

describe('a document that belongs to everybody', () => {
  it('is read and continued by every caller, and changed by none', async () => {
    const analysis = await box.analysisOf('common.pdf', await drop('common'));
    const [reader, other] = ['reader', 'other'].map((key) => clientFor(world.endpoints, key));
    if (reader === undefined || other === undefined) throw new Error('There are no callers.');
    const answer = await reader.responses.create({
      model: 'gpt-4.1',
      previous_response_id: analysis.response_id,
      input: 'What is the secret?',
    });
    expect(answer.output_text).toContain('Melusine');
    // What a caller adds is the caller's own.
    await expect(other.responses.retrieve(answer.id)).rejects.toMatchObject({ status: 404 });
    const api = documentsApi(world.endpoints, 'reader');
    await api.settled(analysis.document_id, 'completed');
    expect(await api.status('POST', `documents/${analysis.document_id}/replay`)).toBe(403);
    expect(await api.status('POST', `documents/${analysis.document_id}/cancel`)).toBe(403);
    await expect(reader.responses.delete(analysis.response_id)).rejects.toMatchObject({ status: 403 });
  });
});
