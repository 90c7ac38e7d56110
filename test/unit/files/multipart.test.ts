import fc from 'fast-check';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { GatewayError } from '../../../src/errors.ts';
import { readUpload, type Upload } from '../../../src/files/multipart.ts';

const CONTENT_TYPE = 'multipart/form-data; boundary=edge';
const PARTS = [
  '--edge\r\nContent-Disposition: form-data; name="other"; filename="o.txt"\r\n\r\nignored\r\n',
  '--edge\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nabc\r\n',
  '--edge\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--edge--\r\n',
];
const FORM = PARTS.join('');
const FILE_FIRST = PARTS.slice(1).join('');

/** A temporary folder of this test's own: others upload at the same time. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'multipart-'));
  vi.stubEnv('TMPDIR', folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
}

describe('a multipart form', () => {
  it.each([1, 7, 1_000])('is read in pieces of %i bytes', async (size) => {
    const upload = await readUpload(CONTENT_TYPE, inPieces(FORM, size));
    expect(upload.fields.get('purpose')).toBe('assistants');
    expect(upload.file).toMatchObject({ filename: 'a.txt', contentType: 'text/plain', bytes: 3 });
    expect(await (await upload.blob()).text()).toBe('abc');
    await upload.discard();
  });

  // A failure that nobody waits for would end the process; here it fails the test run.
  it.each([
    ['', FORM, 50],
    [', its file first', FILE_FIRST, 50],
    [', in one piece', FORM, 10_000],
    [', its file first, in one piece', FILE_FIRST, 10_000],
  ])('that is cut anywhere is refused, and leaves no file behind%s', async (_, form, size) => {
    for (let length = 1; length < form.length - 6; length += 3) {
      await expect(readUpload(CONTENT_TYPE, inPieces(form.slice(0, length), size))).rejects.toMatchObject({
        kind: 'invalid_value',
      });
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('is read or refused, whatever stands in it and wherever it is cut', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...PARTS,
        '--edge',
        '--edge--',
        '\r\n',
        '\r\n\r\n',
        '--',
        'Content-Disposition: form-data; name="file"',
      ),
      fc.constantFrom(
        'Content-Type: ;;=',
        'Content-Transfer-Encoding: base64',
        "name*=UTF-8''%zz",
        '; filename="..\\..\\x"',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 20 }),
    );
    const type = fc.constantFrom(
      CONTENT_TYPE,
      CONTENT_TYPE,
      'multipart/form-data; boundary=""',
      'multipart/form-data',
      'text/plain',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 8 }),
        fc.integer({ min: 1, max: 400 }),
        type,
        async (parts, size, given) => {
          const result = await readUpload(given, inPieces(parts.join(''), size)).catch((error: unknown) => error);
          if (result instanceof Error) expect(result).toBeInstanceOf(GatewayError);
          else await (result as Upload).discard();
        },
      ),
    );
    expect(await readdir(folder)).toEqual([]);
  });
});
