import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureCertificate, type Certificate } from '../../../../local/certificate.ts';
import { startIdentity, type RunningIdentity } from '../../../../local/identity/server.ts';
import { startAzurite, type RunningStorage } from '../../../../local/storage.ts';
import { trustCertificate } from '../../../../local/world/trust.ts';
import { drop, type DropRun } from '../../../support/drop.ts';

/** An account that takes tokens only over https, as one in Azure does; no local world is running. */
let folder: string;
let certificate: Certificate;
let storage: RunningStorage;
let identity: RunningIdentity;
let blobs: BlobServiceClient;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deployed-'));
  certificate = await ensureCertificate(folder);
  trustCertificate(certificate.cert);
  [storage, identity] = await Promise.all([
    startAzurite({ folder: join(folder, 'storage'), tls: certificate, inMemory: true }),
    startIdentity(),
  ]);
  blobs = BlobServiceClient.fromConnectionString(storage.connectionString);
  await blobs.createContainer('analyses');
  file = join(folder, 'remote.pdf');
  await writeFile(file, '%PDF-1.7');
});
afterAll(async () => {
  await Promise.all([storage.stop(), identity.stop()]);
  await rm(folder, { recursive: true });
});

const dropRemotely = (): Promise<DropRun> =>
  drop(folder, [file, '--account', storage.blob], {
    IDENTITY_ENDPOINT: identity.endpoint,
    IDENTITY_HEADER: identity.header,
    NODE_EXTRA_CA_CERTS: certificate.certFile,
  });

describe('npm run drop -- --account', () => {
  it('says what is missing when the account is not the data account of a gateway', async () => {
    const { code, errors } = await dropRemotely();
    expect(code).toBe(1);
    expect(errors).toContain('has no container "pdfs"');
  });

  it('reaches the account of a deployed app with the Azure login of whoever runs it', async () => {
    const { containerClient } = await blobs.createContainer('pdfs');
    const running = dropRemotely();
    const blob = containerClient.getBlobClient('remote.pdf');
    const { etag } = await vi.waitFor(() => blob.getProperties(), { timeout: 20_000, interval: 50 });
    const results = blobs.getContainerClient('analyses');
    const json = JSON.stringify({ source: { etag } });
    await results.getBlockBlobClient('remote.pdf/analysis.md').upload('# Far away', 10);
    await results.getBlockBlobClient('remote.pdf/analysis.json').upload(json, json.length);
    const { code, output, errors } = await running;
    expect(code, errors).toBe(0);
    expect(output).toBe('# Far away\n');
  });
});
