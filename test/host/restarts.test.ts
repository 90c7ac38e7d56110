import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startExampleHost, type ExampleHost } from './support/example-host.ts';
import { onCoreTools } from './support/running-host.ts';

describe.each([
  ['buffered', false],
  ['streamed', true],
])('an app that breaks, %s', (_mode, streams) => {
  let host: ExampleHost;
  beforeAll(async () => {
    host = await startExampleHost({ streams, settings: { AzureFunctionsJobHost__functionTimeout: '00:00:02' } });
  });
  afterAll(() => host.stop());
  const get = (path: string): Promise<Response> => fetch(`${host.address}/api${path}`);
  const starts = async (): Promise<number> => (await host.reports('lifecycle')).length;

  it.each(['/crash', '/reject'])('is started anew after %s; what ran fails, what comes is answered', async (path) => {
    const before = host.lines.length;
    const slow = get('/slow?ms=1500');
    await host.reported('slow');
    await get(path);
    expect((await slow).status).toBe(500);
    expect((await get('/where')).status).toBe(200);
    if (!onCoreTools) expect(host.lines.slice(before).join()).toContain('Nobody caught this');
    // It is another load of the same app: it has forgotten what the first one noted.
    expect(await starts()).toBe(1);
  });

  it('is started anew when a function takes longer than functionTimeout', async () => {
    expect((await get('/slow?ms=60000')).status).toBe(500);
    expect((await get('/slow?ms=1')).status).toBe(200);
  });

  it('keeps answering about itself', async () => {
    const status = await fetch(`${host.address}/admin/host/status`);
    expect(await status.json()).toMatchObject({ state: 'Running' });
  });

  it.skipIf(onCoreTools)('takes new code on SIGHUP', async () => {
    const bundle = join(host.appFolder, 'dist', 'index.cjs');
    const code = await readFile(bundle, 'utf8');
    await writeFile(bundle, code.replace('from postInvocation', 'from new code'));
    process.kill(host.pid, 'SIGHUP');
    await eventually('the new code', async () =>
      (await (await get('/hooked')).text()) === 'from new code' ? true : undefined,
    );
  });

  it.skipIf(onCoreTools)('waits for better code when the new code cannot be loaded', async () => {
    const bundle = join(host.appFolder, 'dist', 'index.cjs');
    const code = await readFile(bundle, 'utf8');
    await writeFile(bundle, 'throw new Error("half a build");');
    process.kill(host.pid, 'SIGHUP');
    await eventually('the failure', async () => ((await get('/where')).status === 503 ? true : undefined));
    const status = await fetch(`${host.address}/admin/host/status`);
    expect(await status.json()).toMatchObject({ state: 'Error', errors: ['half a build'] });
    await writeFile(bundle, code);
    process.kill(host.pid, 'SIGHUP');
    await eventually('the repair', async () => ((await get('/where')).status === 200 ? true : undefined));
  });
});
