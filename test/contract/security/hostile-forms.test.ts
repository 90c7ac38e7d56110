import fc from 'fast-check';
import { describe, inject, it } from 'vitest';
import { neverFails, newHostileOwner, RUNS, SLOW, stillAnswers } from '../../support/hostile.ts';

/** Uploads that are no forms, or not whole. */

const endpoints = inject('endpoints');
const owner = await newHostileOwner(endpoints);

describe('forms', () => {
  it(
    'cut anywhere and garbled',
    async () => {
      const form = [
        '--b',
        'content-disposition: form-data; name="purpose"',
        '',
        'assistants',
        '--b',
        'content-disposition: form-data; name="file"; filename="a.txt"',
        'content-type: text/plain',
        '',
        'content',
        '--b--',
        '',
      ].join('\r\n');
      const headers = { 'content-type': 'multipart/form-data; boundary=b' };
      const upload = (path: string, body: string, type = headers['content-type']): Promise<number> =>
        owner.post(path, body, { 'content-type': type });
      for (let end = 0; end < form.length; end += 5) await neverFails(upload('/openai/v1/files', form.slice(0, end)));
      const garbled = fc.tuple(fc.nat(form.length), fc.string({ unit: 'binary-ascii', maxLength: 20 }));
      await fc.assert(
        fc.asyncProperty(
          garbled,
          fc.constantFrom('/openai/v1/files', `/openai/v1/containers/${owner.belongings.container}/files`),
          async ([at, text], path) => {
            await neverFails(upload(path, form.slice(0, at) + text + form.slice(at + text.length)));
          },
        ),
        { ...RUNS, numRuns: 40 },
      );
      for (const type of [
        'multipart/form-data',
        'multipart/form-data; boundary=',
        'multipart/mixed; boundary=b',
        'text/plain',
        'multipart/form-data; boundary="',
      ]) {
        await neverFails(upload('/openai/v1/files', form, type));
      }
    },
    SLOW,
  );
});

it('after all this the same process still answers', () => stillAnswers(endpoints, owner));
