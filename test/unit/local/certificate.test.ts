import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ensureCertificate } from '../../../local/certificate.ts';

it('several worlds can be trusted by one process', async () => {
  const folders = await Promise.all([1, 2, 3].map(() => mkdtemp(join(tmpdir(), 'certificate-'))));
  const certificates = await Promise.all(folders.map(ensureCertificate));
  const ca = certificates.map(({ cert }) => cert);
  for (const { cert, key } of certificates) {
    const server = createServer({ cert, key }, (_request, response) => response.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [answer] = await once(get({ host: '127.0.0.1', port, ca, agent: false }), 'response');
    expect(answer).toMatchObject({ statusCode: 200 });
    server.close();
  }
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});
