import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureCertificate } from '../../../../local/certificate.ts';
import { listen, type RunningServer } from '../../../../local/kit/server.ts';
import { startAzurite, type RunningStorage } from '../../../../local/storage.ts';
import { writeEndpoints } from '../../../../local/world/endpoints.ts';
import { drop } from '../../../support/drop.ts';

/** The test plays the app: it sees what was dropped and writes the results. */
let folder: string;
let storage: RunningStorage;
let health: RunningServer;
let blobs: BlobServiceClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drop-'));
  const { certFile } = await ensureCertificate(folder);
  storage = await startAzurite({ folder: join(folder, 'storage'), inMemory: true });
  health = await listen((_request, response) => void response.end('{}'));
  blobs = BlobServiceClient.fromConnectionString(storage.connectionString);
  await Promise.all(['pdfs', 'analyses'].map((name) => blobs.createContainer(name)));
  const unused = { openai: '', queue: '', table: '', cosmos: '', cosmosKey: '', identity: '', hostStorage: '' };
  await writeEndpoints(folder, {
    ...unused,
    gateway: health.address,
    blob: storage.blob,
    dataStorage: storage.connectionString,
    caFile: certFile,
  });
});
afterAll(async () => {
  await Promise.all([storage.stop(), health.stop()]);
  await rm(folder, { recursive: true });
});

async function pdf(name: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `%PDF-1.7 ${name}`);
  return file;
}

/** Waits for an upload and gives its ETag (without quotes) and metadata. */
async function uploaded(name: string): Promise<{ etag: string; metadata: Record<string, string> }> {
  const blob = blobs.getContainerClient('pdfs').getBlobClient(name);
  const { etag = '', metadata = {} } = await vi.waitFor(() => blob.getProperties(), { timeout: 15_000, interval: 50 });
  return { etag: etag.replaceAll('"', ''), metadata };
}

async function write(name: string, content: unknown): Promise<void> {
  const body = typeof content === 'string' ? content : JSON.stringify(content);
  await blobs.getContainerClient('analyses').getBlockBlobClient(name).upload(body, Buffer.byteLength(body));
}

describe('npm run drop', () => {
  it('prints the analysis of exactly this upload, not of what lay there before', async () => {
    await write('one.pdf/analysis.md', '# Old');
    await write('one.pdf/analysis.json', { source: { etag: '0xOLD' } });
    const running = drop(folder, [await pdf('one.pdf'), '--prompt', 'Name the parties', '--model', 'gpt-5']);
    const { etag, metadata } = await uploaded('one.pdf');
    expect(metadata).toEqual({ prompt: 'Name the parties', model: 'gpt-5' });
    await write('one.pdf/analysis.md', '# New\n\nThe parties are known.');
    await write('one.pdf/analysis.json', { source: { etag: `"${etag}"` } });
    const { code, output, errors } = await running;
    expect({ code, output }).toEqual({ code: 0, output: '# New\n\nThe parties are known.\n' });
    expect(errors).toContain('one.pdf: analysed');
  });

  it('fails with the reason that the app gives, and what to do', async () => {
    const running = drop(folder, [await pdf('locked.pdf')]);
    const { etag } = await uploaded('locked.pdf');
    await write('locked.pdf/error.json', {
      source: { etag },
      reason: 'encrypted',
      message: 'The PDF is protected by a password.',
      what_to_do: 'Save it without one.',
    });
    const { code, output, errors } = await running;
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toContain('The PDF is protected by a password. Save it without one.');
  });

  it('gives scripts one JSON document for several files', async () => {
    const running = drop(folder, [await pdf('good.pdf'), await pdf('bad.pdf'), '--json']);
    const [good, bad] = await Promise.all([uploaded('good.pdf'), uploaded('bad.pdf')]);
    await write('good.pdf/analysis.md', '# Good');
    await write('good.pdf/analysis.json', { source: { etag: good.etag }, response: 'resp_1' });
    await write('bad.pdf/error.json', { source: { etag: bad.etag }, message: 'It is empty.' });
    const { code, output } = await running;
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject([
      { state: 'completed', blob: 'good.pdf', etag: good.etag, markdown: '# Good', analysis: { response: 'resp_1' } },
      { state: 'failed', blob: 'bad.pdf', etag: bad.etag, reason: 'It is empty.' },
    ]);
  });

  it('says in one sentence that there is no world to drop into, and where it looked', async () => {
    const { code, errors } = await drop(join(folder, 'nowhere'), [await pdf('lonely.pdf')]);
    expect(code).toBe(1);
    expect(errors.trim().split('\n')).toEqual([expect.stringMatching(/nowhere: .*npm start/)]);
  });
});
