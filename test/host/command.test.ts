import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { writeApp, type AppFolder } from './support/example-app.ts';
import { onCoreTools, startHostProcess, type RunningHost } from './support/running-host.ts';

describe.skipIf(onCoreTools)('the command', () => {
  let host: RunningHost | undefined;
  let app: AppFolder | undefined;
  afterEach(async () => {
    await host?.stop();
    await app?.remove();
  });

  async function start(code: string, files: Record<string, string> = {}, flags: string[] = []): Promise<RunningHost> {
    const source = `const { app } = require('@azure/functions'); ${code}`;
    app = await writeApp({ 'package.json': '{ "main": "index.js" }', 'index.js': source, ...files }, true);
    host = await startHostProcess({ appFolder: app.path, flags });
    return host;
  }

  it.each(['SIGTERM', 'SIGINT'] as const)('says once where it answers, and stops cleanly on %s', async (signal) => {
    const running = await start(
      `app.http('slow', { authLevel: 'anonymous', handler: () => new Promise((r) => setTimeout(r, 60000)) });`,
    );
    const slow = fetch(`${running.address}/api/slow`).catch(() => undefined);
    await fetch(`${running.address}/admin/host/status`);
    expect(running.out).toEqual([`Ready: ${running.address}`]);
    const before = performance.now();
    process.kill(running.pid, signal);
    expect(await running.ended).toBe('exit code 0');
    // The promise of the command: two seconds, whatever the functions do.
    expect(performance.now() - before).toBeLessThan(2000);
    await slow;
  });

  it('loads the app anew when its files change, with --watch', async () => {
    const code = (text: string): string =>
      `app.http('hello', { authLevel: 'anonymous', handler: () => ({ body: '${text}' }) });`;
    const running = await start(code('old'), {}, ['--watch']);
    const hello = async (): Promise<string> => (await fetch(`${running.address}/api/hello`)).text();
    expect(await hello()).toBe('old');
    await writeFile(join(app?.path ?? '', 'index.js'), `const { app } = require('@azure/functions'); ${code('new')}`);
    await eventually('the new code', async () => ((await hello()) === 'new' ? true : undefined));
    expect(running.out).toEqual([`Ready: ${running.address}`]);
  });

  it('starts storage of its own for an app that asks for development storage, and keeps its data', async () => {
    const files = {
      'local.settings.json': JSON.stringify({
        IsEncrypted: false,
        Values: { AzureWebJobsStorage: 'UseDevelopmentStorage=true', Own: 'UseDevelopmentStorage=true' },
      }),
    };
    const code = `
      app.http('connection', { authLevel: 'anonymous', handler: () => ({ jsonBody: [process.env.AzureWebJobsStorage, process.env.Own] }) });
      app.storageBlob('f', { path: 'inbox/{name}', connection: 'Own', handler: () => {} });`;
    const connection = async (): Promise<string> => {
      const answer: unknown = await (await fetch(`${host?.address ?? ''}/api/connection`)).json();
      if (!Array.isArray(answer) || answer[0] !== answer[1]) throw new Error(JSON.stringify(answer));
      return String(answer[0]);
    };
    await start(code, files);
    await BlobServiceClient.fromConnectionString(await connection()).createContainer('kept');
    await host?.stop();
    host = await startHostProcess({ appFolder: app?.path ?? '' });
    const kept = BlobServiceClient.fromConnectionString(await connection()).getContainerClient('kept');
    expect(await kept.exists()).toBe(true);
  });
});
