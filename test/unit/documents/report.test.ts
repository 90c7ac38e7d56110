import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/documents/answer.ts';
import type { DocumentEntry } from '../../../src/documents/entry.ts';
import { documentKey } from '../../../src/documents/entry.ts';
import { whatToDo } from '../../../src/documents/failures.ts';
import { analysisJson, analysisMarkdown, errorJson } from '../../../src/documents/report.ts';
import { resultFolder, versionName } from '../../../src/documents/results.ts';

const source = { container: 'pdfs', name: 'reports/Größe `x`.pdf', etag: '"0x1"' };
const key = documentKey(source);

const entry: DocumentEntry = {
  id: `document:${key}`,
  owner: '*',
  kind: 'document',
  ttl: 1,
  key,
  ...source,
  bytes: 10,
  state: 'analysing',
  run: 1,
  createdAt: 1_700_000_000,
  updatedAt: 1_700_000_000,
  sort: '',
  runStartedAt: 0,
  responseId: 'resp_1',
  chainId: 'c',
  plan: { pages: 3, kind: 'text', estimatedInputTokens: 5 },
};

const answer: Answer = {
  text: 'It says: "42".',
  model: 'gpt-4.1',
  usage: { input_tokens: 1_000, output_tokens: 100 },
  tokens: { input: 1_000, cachedInput: 0, output: 100 },
  structured: false,
  promptSource: 'default-1',
  promptSha256: 'abc',
  createdAt: 1_700_000_001,
  completedAt: 1_700_000_009,
};

describe('analysis.json', () => {
  it('says what was asked, what it cost and how to go on', () => {
    expect(analysisJson(entry, answer)).toMatchObject({
      source,
      response_id: 'resp_1',
      chain_id: 'c',
      model: 'gpt-4.1',
      pages: 3,
      answer: 'It says: "42".',
      estimated_cost_usd: 0.0028,
      prompt: { source: 'default-1', sha256: 'abc' },
      received_at: '2023-11-14T22:13:20.000Z',
      completed_at: '2023-11-14T22:13:29.000Z',
    });
  });

  it('carries the object when one was asked for', () => {
    expect(analysisJson(entry, { ...answer, structured: true, data: { sum: 42 } })).toMatchObject({
      data: { sum: 42 },
    });
    expect(analysisJson(entry, answer)).not.toHaveProperty('data');
  });
});

describe('analysis.md', () => {
  it('has title, source, pages, the answer and how to ask on', () => {
    const text = analysisMarkdown(entry, answer);
    expect(text).toContain('# Größe  x\n');
    expect(text).toContain('Pages: 3');
    expect(text).toContain('It says: "42".');
    expect(text).toContain('"previous_response_id": "resp_1"');
  });
});

describe('error.json', () => {
  it('says what is wrong and what to do', () => {
    const json = errorJson(
      entry,
      { reason: 'encrypted', message: 'The file is protected by a password.' },
      1_700_000_000,
    );
    expect(json).toMatchObject({ reason: 'encrypted', message: 'The file is protected by a password.', source });
    expect(json.what_to_do).toContain('Remove the password');
  });
});

describe('the handbook', () => {
  it('names every reason there is', async () => {
    const handbook = await readFile('docs/documents.md', 'utf8');
    const named = new Set(handbook.match(/^\| [a-z_, ]+ \|/gm)?.flatMap((row) => row.match(/[a-z_]+/g) ?? []));
    expect(Object.keys(whatToDo).filter((reason) => !named.has(reason))).toEqual([]);
  });
});

describe('names of results', () => {
  it('lie in a folder that is called like the document', () => {
    expect(resultFolder('a/b.pdf')).toBe('a/b.pdf/');
    expect(versionName('a/b.pdf', { etag: '"0x1F"', run: 1 })).toBe('a/b.pdf/versions/0x1F.json');
    expect(versionName('a/b.pdf', { etag: '"0x1F"', run: 3 })).toBe('a/b.pdf/versions/0x1F-3.json');
  });

  it('of the longest names fit, and stay apart', () => {
    const one = `${'x'.repeat(1_019)}1.pdf`;
    const two = `${'x'.repeat(1_019)}2.pdf`;
    expect(versionName(one, { etag: '"0x8DD0123456789AB"', run: 12 }).length).toBeLessThanOrEqual(1_024);
    expect(resultFolder(one)).not.toBe(resultFolder(two));
  });
});
