import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedIdentityCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureCertificate, type Certificate } from '../../../local/certificate.ts';
import { startIdentity, type RunningIdentity } from '../../../local/identity/server.ts';
import { startAzurite } from '../../../local/storage.ts';
import { trustCertificate } from '../../../local/world/trust.ts';

let folder: string;
let certificate: Certificate;
let identity: RunningIdentity;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storage-'));
  [certificate, identity] = await Promise.all([ensureCertificate(folder), startIdentity()]);
  trustCertificate(certificate.cert);
  vi.stubEnv('IDENTITY_ENDPOINT', identity.endpoint);
  vi.stubEnv('IDENTITY_HEADER', identity.header);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await identity.stop();
  await rm(folder, { recursive: true });
});

describe('the certificate', () => {
  it('is made once and reused, so that whoever trusts the file goes on trusting it', async () => {
    expect((await ensureCertificate(folder)).cert).toBe(certificate.cert);
  });

  it('is replaced when it cannot be read', async () => {
    const elsewhere = join(folder, 'elsewhere');
    const first = await ensureCertificate(elsewhere);
    await rm(first.keyFile);
    expect((await ensureCertificate(elsewhere)).cert).not.toBe(first.cert);
  });
});

describe('the data account', () => {
  it('takes the real managed identity over https, and refuses a stranger', async () => {
    const storage = await startAzurite({ folder: join(folder, 'data'), tls: certificate, inMemory: true });
    try {
      const credential = new ManagedIdentityCredential({ clientId: identity.clientId });
      await new BlobServiceClient(storage.blob, credential).createContainer('pdfs');
      await new QueueServiceClient(storage.queue, credential).createQueue('webjobs-blobtrigger-poison');
      expect((await fetch(`${storage.blob}/pdfs/secret.pdf`)).status).toBeGreaterThanOrEqual(400);
      const keyed = BlobServiceClient.fromConnectionString(storage.connectionString);
      expect(await keyed.getContainerClient('pdfs').exists()).toBe(true);
    } finally {
      await storage.stop();
    }
  });
});

describe('the host account', () => {
  it('keeps what was written over a restart', async () => {
    const options = { folder: join(folder, 'host') };
    const first = await startAzurite(options);
    await BlobServiceClient.fromConnectionString(first.connectionString).createContainer('kept');
    await first.stop();
    await first.stop();
    const second = await startAzurite(options);
    const kept = BlobServiceClient.fromConnectionString(second.connectionString).getContainerClient('kept');
    expect(await kept.exists()).toBe(true);
    await second.stop();
  });

  it('names the port that is in use', async () => {
    const taken = Number(new URL(identity.address).port);
    const start = startAzurite({ folder: join(folder, 'blocked'), ports: { queue: taken } });
    await expect(start).rejects.toThrow(`127.0.0.1:${taken} is already in use`);
  });
});
