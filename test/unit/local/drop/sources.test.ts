import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metadataOf } from '../../../../local/drop/metadata.ts';
import { findSources } from '../../../../local/drop/sources.ts';

let folder: string;
const file = (...parts: string[]): string => join(folder, ...parts);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drop-sources-'));
  await mkdir(file('contracts', 'münchen 2024'), { recursive: true });
  await mkdir(file('notes'));
  for (const path of [
    ['report.pdf'],
    ['letter.docx'],
    ['contracts', 'report.pdf'],
    ['contracts', '_prompt.md'],
    ['contracts', 'münchen 2024', 'Miete.PDF'],
    ['contracts', 'münchen 2024', '_schema.json'],
    ['contracts', 'münchen 2024', 'photo.png'],
    ['notes', 'todo.txt'],
  ]) {
    await writeFile(file(...path), path.join('/'));
  }
});
afterAll(() => rm(folder, { recursive: true }));

describe('what is dropped', () => {
  it('a file keeps its name, whatever it is: the app says what it does not take', async () => {
    const { documents } = await findSources([file('report.pdf'), file('letter.docx')]);
    expect(documents.map(({ blob }) => blob)).toEqual(['report.pdf', 'letter.docx']);
  });

  it('a folder gives its PDFs under their paths, and its prompts and schemas apart', async () => {
    const { documents, guides } = await findSources([file('contracts')]);
    expect(documents.map(({ blob }) => blob)).toEqual(['contracts/münchen 2024/Miete.PDF', 'contracts/report.pdf']);
    expect(guides.map(({ blob }) => blob)).toEqual(['contracts/_prompt.md', 'contracts/münchen 2024/_schema.json']);
  });

  it('the same file named twice is one document', async () => {
    expect((await findSources([file('report.pdf'), file('report.pdf')])).documents).toHaveLength(1);
  });

  it.each([
    ['a path that is not there', ['nowhere.pdf'], 'no file or folder'],
    ['a folder without a PDF', ['notes'], 'holds no PDF'],
    [
      'two files that would overwrite each other',
      ['report.pdf', 'contracts/report.pdf'],
      'would both become report.pdf',
    ],
  ])('refuses %s', async (_what, paths, reason) => {
    await expect(findSources(paths.map((path) => file(path)))).rejects.toThrow(reason);
  });
});

describe('wishes as metadata', () => {
  it('sends plain text as it is, and everything else so that a header can carry it', async () => {
    await writeFile(file('schema.json'), '{\n  "type": "object"\n}');
    expect(
      await metadataOf({ prompt: 'Fass zusammen:\nkurz, auf Käsisch', schema: file('schema.json'), model: 'gpt-5' }),
    ).toEqual({
      promptb64: Buffer.from('Fass zusammen:\nkurz, auf Käsisch').toString('base64url'),
      schema: '{"type":"object"}',
      model: 'gpt-5',
    });
    expect(await metadataOf({})).toEqual({});
  });

  it('refuses a schema that is none, and wishes that do not fit', async () => {
    await expect(metadataOf({ schema: file('report.pdf') })).rejects.toThrow('report.pdf cannot be used');
    await expect(metadataOf({ prompt: 'x'.repeat(9_000) })).rejects.toThrow('_prompt.md');
  });
});
