import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DocumentFailure } from '../../../src/documents/failures.ts';
import { planFor, refuseOtherFiles, refuseSize } from '../../../src/documents/plan.ts';
import { costOf } from '../../../src/documents/prices.ts';

const MB = 1024 * 1024;
const limits = { owner: '*', maxBytes: 10 * MB, maxPages: 100, maxTokens: 50_000 };

function failureOf(act: () => unknown): { reason: string; message: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof DocumentFailure) return error.failure;
    throw error;
  }
  throw new Error('It was let through.');
}

describe('limits', () => {
  it('name both numbers when a file is too large', () => {
    expect(failureOf(() => refuseSize(12.5 * MB, limits))).toEqual({
      reason: 'too_large',
      message: 'The file has 12.5 MB; at most 10 MB are analysed.',
    });
  });

  it('let a file through that is exactly as large as allowed', () => {
    expect(() => refuseSize(10 * MB, limits)).not.toThrow();
  });

  it('name both numbers when there are too many pages', () => {
    const { reason, message } = failureOf(() => planFor({ pages: 101, kind: 'text', textBytes: 0 }, 'gpt-4.1', limits));
    expect(reason).toBe('too_many_pages');
    expect(message).toContain('101 pages; at most 100');
  });

  it('count the images of the pages as well as their text', () => {
    const { reason } = failureOf(() => planFor({ pages: 66, kind: 'scan', textBytes: 0 }, 'gpt-4.1', limits));
    expect(reason).toBe('too_many_tokens');
    expect(() => planFor({ pages: 65, kind: 'scan', textBytes: 0 }, 'gpt-4.1', limits)).not.toThrow();
  });
});

describe('the estimate', () => {
  it('has tokens and, for a model with a known price, dollars', () => {
    const plan = planFor({ pages: 10, kind: 'text', textBytes: 40_000 }, 'gpt-4.1', limits);
    expect(plan).toEqual({ pages: 10, kind: 'text', estimatedInputTokens: 17_650, estimatedCostUsd: 0.0353 });
  });

  it('has no dollars for a model nobody knows the price of', () => {
    const plan = planFor({ pages: 1, kind: 'text', textBytes: 4 }, 'our-own-name', limits);
    expect(plan.estimatedCostUsd).toBeUndefined();
  });

  it('has dollars for the model that a deployment brings along', () => {
    const [, deployed = ''] = /param textModel string = '([^']+)'/.exec(readFileSync('infra/main.bicep', 'utf8')) ?? [];
    expect(planFor({ pages: 1, kind: 'text', textBytes: 4_000 }, deployed, limits).estimatedCostUsd).toBeGreaterThan(0);
  });

  it('knows a model by its dated name, and charges less for cached input', () => {
    expect(costOf('gpt-4.1-2025-04-14', { input: 1_000_000, cachedInput: 500_000, output: 100_000 })).toBe(2.05);
  });
});

describe('files that are no PDFs', () => {
  const cases: [start: string | Uint8Array, says: string][] = [
    [Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0), 'a zip archive (Word, Excel and PowerPoint files are such archives)'],
    [Uint8Array.of(0x89, 0x50, 0x4e, 0x47), 'a PNG image'],
    [Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), 'a JPEG image'],
    ['Just words.\r\n\tAnd more.', 'a text file'],
  ];
  it.each(cases)('are named by their beginning', (start, says) => {
    const { reason, message } = failureOf(() => refuseOtherFiles(Buffer.from(start), 'folder/file.bin'));
    expect(reason).toBe('not_a_pdf');
    expect(message).toBe(`The file is no PDF but ${says}.`);
  });

  it('are told apart from their names', () => {
    expect(failureOf(() => refuseOtherFiles(Buffer.from([0, 1, 2]), 'report.PDF')).message).toBe(
      'The file is no PDF, although its name ends in .pdf.',
    );
  });

  it('do not include a PDF with junk in front, whatever its name', () => {
    expect(() => refuseOtherFiles(Buffer.from('\r\njunk %PDF-1.4'), 'scan.bin')).not.toThrow();
  });
});
