import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { readEndpoints } from '../../local/world/endpoints.ts';
import { makeAppFolder } from '../../local/world/app-folder.ts';
import { copyProject, type ProjectCopy } from '../support/project-copy.ts';
import { startHostOf } from '../support/second-host.ts';
import { openDatabase } from '../support/world.ts';

const PATIENCE = { timeout: 100_000, interval: 100 };
const settingsFile = z.object({ IsEncrypted: z.boolean(), Values: z.record(z.string(), z.string()) });

/** These ports are fixed: what listens there on a developer's machine is left alone. */
const PORTS = [7072, 7073, 8081, 10_000, 10_001, 10_002];

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
const taken = (await Promise.all(PORTS.map(async (port) => ((await isFree(port)) ? [] : [port])))).flat();

const why = taken.length > 0 ? `: skipped, something else listens on ${taken.join(', ')}` : '';

describe.skipIf(taken.length > 0)(`npm run services${why}`, () => {
  let project: ProjectCopy;
  let services: ChildProcess;
  let output = '';

  beforeAll(async () => {
    project = await copyProject();
    const environment = { ...process.env, LOCAL_DATA_DIR: join(project.folder, '.local'), AZURE_OPENAI_ENDPOINT: '' };
    services = spawn(process.execPath, ['local/services.ts'], { cwd: project.folder, env: environment });
    for (const stream of [services.stdout, services.stderr]) stream?.on('data', (text) => (output += String(text)));
    await vi.waitFor(() => expect(output).toMatch(/^Ready: /m), PATIENCE);
  });
  afterAll(async () => {
    await project.remove();
  });

  const settings = async (): Promise<Record<string, string>> => {
    const text = await readFile(join(project.folder, 'local.settings.json'), 'utf8');
    return settingsFile.parse(JSON.parse(text)).Values;
  };

  it('writes the settings that func start needs, for services that are there', async () => {
    const values = await settings();
    expect(values).toMatchObject({
      FUNCTIONS_WORKER_RUNTIME: 'node',
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      DataStorage: 'UseDevelopmentStorage=true',
      AUTH_MODE: 'any-key',
    });
    expect(await readFile(values.NODE_EXTRA_CA_CERTS ?? '', 'utf8')).toContain('BEGIN CERTIFICATE');
    const query = 'api-version=2019-08-01&resource=https://ai.azure.com';
    const headers = { 'x-identity-header': values.IDENTITY_HEADER ?? '' };
    expect((await fetch(`${values.IDENTITY_ENDPOINT ?? ''}?${query}`, { headers })).status).toBe(200);
    expect((await fetch(`${values.AZURE_OPENAI_ENDPOINT ?? ''}/openai/v1/models`)).status).toBe(401);
  });

  it('serves the development storage and the database, with everything in them that Azure would have', async () => {
    const storage = BlobServiceClient.fromConnectionString('UseDevelopmentStorage=true');
    expect(await storage.getContainerClient('pdfs').exists()).toBe(true);
    const endpoints = await readEndpoints(join(project.folder, '.local'));
    if (!endpoints) throw new Error('There is no endpoints.json.');
    expect((await (await openDatabase(endpoints)).container('chains').read()).statusCode).toBe(200);
  });

  it('is all that the app needs, on a host that is started with these settings', async () => {
    const appFolder = join(project.folder, 'app');
    await makeAppFolder(appFolder);
    const endpoints = await readEndpoints(join(project.folder, '.local'));
    const storage = endpoints?.dataStorage ?? '';
    // The embedded host would answer `UseDevelopmentStorage=true` with an Azurite of its own.
    const environment = { ...process.env, ...(await settings()), AzureWebJobsStorage: storage, DataStorage: storage };
    const host = await startHostOf({ appFolder, environment });
    try {
      const client = new OpenAI({ baseURL: `${host.gateway}/openai/v1`, apiKey: 'local', maxRetries: 0 });
      const { id } = await client.responses.create({ model: 'gpt-4.1', input: 'Say hello' });
      expect((await client.responses.retrieve(id)).status).toBe('completed');
    } finally {
      await host.stop();
    }
  }, 120_000);

  it('stops at SIGTERM', async () => {
    services.kill('SIGTERM');
    const [code]: unknown[] = await once(services, 'exit');
    expect(code).toBe(0);
    expect(await Promise.all(PORTS.map(isFree))).toEqual(PORTS.map(() => true));
  });
});
