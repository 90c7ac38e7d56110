import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { extractText, getDocumentProxy } from 'unpdf';
import { listen, type RunningServer } from '../../local/kit/server.ts';
import { samplePdf } from '../../tools/hooks/sample-pdf.ts';
import { smokeTest, type DropBox, type SmokeTestTimes } from '../../tools/hooks/smoke-test.ts';

const TIMES: SmokeTestTimes = {
  roles: { limitMs: 2_000, intervalMs: 5 },
  analysis: { limitMs: 2_000, intervalMs: 5 },
};

/** Blob Storage, as far as the smoke test goes: it refuses the first uploads, and an analysis appears after some looks. */
interface Storage {
  refusals: number;
  looks: number;
  result: 'analysis.json' | 'error.json' | 'none';
  blobs: Set<string>;
  requests: string[];
}

let storage: Storage;
let server: RunningServer;
let box: DropBox;

function answer(request: IncomingMessage): { status: number; body?: string } {
  const path = request.url ?? '';
  if (request.headers.authorization !== 'Bearer a-token') return { status: 401 };
  switch (request.method) {
    case 'PUT':
      if (storage.refusals-- > 0) return { status: 403 };
      storage.blobs.add(path);
      return { status: 201 };
    case 'DELETE':
      storage.blobs.delete(path);
      return { status: 202 };
    default:
      if (!path.endsWith(storage.result) || storage.looks-- > 0) return { status: 404 };
      return { status: 200, body: JSON.stringify({ message: 'The PDF is encrypted.', what_to_do: 'Print it.' }) };
  }
}

beforeEach(async () => {
  storage = { refusals: 0, looks: 2, result: 'analysis.json', blobs: new Set(), requests: [] };
  server = await listen((request, response) => {
    storage.requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const { status, body } = answer(request);
    response.writeHead(status).end(body);
  });
  box = { blobEndpoint: `${server.address}/`, pdfContainer: 'pdfs', token: 'a-token' };
});

afterEach(() => server.stop());

describe('the smoke test', () => {
  it('drops a PDF, waits for its analysis, and takes the PDF away again', async () => {
    expect(await smokeTest(box, 'now', TIMES)).toBe('analyses/smoke-test/now.pdf/analysis.md');
    expect(storage.requests[0]).toBe('PUT /pdfs/smoke-test/now.pdf');
    expect(storage.requests.at(-1)).toBe('DELETE /pdfs/smoke-test/now.pdf');
    expect(storage.blobs.size).toBe(0);
  });

  it('waits for the role of whoever deploys to be known', async () => {
    storage.refusals = 3;
    await smokeTest(box, 'now', TIMES);
    expect(storage.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(4);
  });

  it('says which role is missing when the upload is refused for good', async () => {
    storage.refusals = Number.POSITIVE_INFINITY;
    await expect(smokeTest(box, 'now', { ...TIMES, roles: { limitMs: 20, intervalMs: 5 } })).rejects.toThrow(
      'Storage Blob Data Contributor',
    );
  });

  it('hands on why the analysis failed, and still takes the PDF away', async () => {
    storage.result = 'error.json';
    await expect(smokeTest(box, 'now', TIMES)).rejects.toThrow('The PDF is encrypted. Print it.');
    expect(storage.blobs.size).toBe(0);
  });

  it('says where to look when nothing happens at all', async () => {
    storage.result = 'none';
    await expect(smokeTest(box, 'now', { ...TIMES, analysis: { limitMs: 20, intervalMs: 5 } })).rejects.toThrow(
      'event subscription',
    );
    expect(storage.requests.at(-1)).toBe('DELETE /pdfs/smoke-test/now.pdf');
  });

  it('drops a real PDF with real text', async () => {
    const document = await getDocumentProxy(await samplePdf('A (small) page.'));
    const { totalPages, text } = await extractText(document, { mergePages: true });
    expect(totalPages).toBe(1);
    expect(text).toBe('A (small) page.');
  });
});
