import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { writeApp, type AppFolder } from './support/example-app.ts';
import { onCoreTools, startHostProcess, type HostRequest, type RunningHost } from './support/running-host.ts';

/** Everything here is about what the embedded host says; Core Tools have words of their own. */
describe.skipIf(onCoreTools)('a host that cannot start', () => {
  const apps: AppFolder[] = [];
  let host: RunningHost | undefined;
  afterEach(async () => {
    await host?.stop();
    await Promise.all(apps.splice(0).map((app) => app.remove()));
  });

  async function write(code: string, files: Record<string, string> = {}): Promise<string> {
    const source = `const { app, input, output, trigger } = require('@azure/functions'); ${code}`;
    const app = await writeApp({ 'package.json': '{ "main": "index.js" }', 'index.js': source, ...files }, true);
    apps.push(app);
    return app.path;
  }

  /** What the host prints before it exits with 1. */
  async function complaint(request: HostRequest): Promise<string> {
    try {
      host = await startHostProcess(request);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    throw new Error('The host has started.');
  }

  it('names a folder that is not there', async () => {
    const text = await complaint({ appFolder: '/', flags: ['--app', '/no/such/folder'] });
    expect(text).toBe('There is no folder /no/such/folder.');
  });

  it('names what is missing of an app', async () => {
    const appFolder = await write('', { 'package.json': '{ "main": "dist/index.js" }' });
    expect(await complaint({ appFolder })).toContain('build the app first');
    const empty = await write('', { 'package.json': '{}' });
    expect(await complaint({ appFolder: empty })).toContain('has no "main"');
  });

  it('names a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const address = server.address();
    const port = String(address !== null && typeof address === 'object' ? address.port : 0);
    const text = await complaint({ appFolder: await write(''), flags: ['--port', port] });
    server.close();
    expect(text).toContain(`Port ${port} is already in use`);
  });

  it.each([
    [
      `app.cosmosDB('f', { connection: 'C', databaseName: 'd', containerName: 'c', handler: () => {} })`,
      'cosmosDBTrigger',
    ],
    [`app.serviceBusQueue('f', { connection: 'C', queueName: 'q', handler: () => {} })`, 'serviceBusTrigger'],
    [
      `app.timer('f', { schedule: '0 0 * * * *', extraInputs: [input.storageBlob({ path: 'a/b', connection: 'C' })], handler: () => {} })`,
      "'blob'",
    ],
    [
      `app.http('f', { extraOutputs: [output.table({ tableName: 't', connection: 'C' })], handler: () => {} })`,
      "'table'",
    ],
    [`app.generic('f', { trigger: trigger.generic({ type: 'entityTrigger' }), handler: () => {} })`, 'entityTrigger'],
  ])('refuses what it does not do, naming function and binding: %s', async (code, binding) => {
    const text = await complaint({ appFolder: await write(code) });
    expect(text).toContain("Function 'f'");
    expect(text).toContain(binding);
  });

  it('runs an app without the function that it cannot run, when that is disabled', async () => {
    const code = `app.cosmosDB('f', { connection: 'C', databaseName: 'd', containerName: 'c', handler: () => {} })`;
    const settings = { 'AzureWebJobs.f.Disabled': '1' };
    host = await startHostProcess({ appFolder: await write(code), settings });
  });

  it('names a setting that a binding asks for', async () => {
    const text = await complaint({
      appFolder: await write(`app.storageQueue('f', { queueName: '%NOT_SET%', connection: 'C', handler: () => {} })`),
    });
    expect(text).toContain('%NOT_SET%');
    const connection = await complaint({
      appFolder: await write(`app.storageQueue('f', { queueName: 'q', connection: 'Missing', handler: () => {} })`),
    });
    expect(connection).toContain("'AzureWebJobsMissing' is not configured");
  });

  it('names a schedule that is none', async () => {
    const { AzureWebJobsStorage = 'UseDevelopmentStorage=true' } = process.env;
    const text = await complaint({
      appFolder: await write(`app.timer('f', { schedule: '61 * * * * *', handler: () => {} })`),
      settings: { AzureWebJobsStorage },
    });
    expect(text).toContain(`"61 * * * * *" is no schedule`);
  });

  it('names a wrong host.json, and warns of settings it does not know', async () => {
    const wrong = await complaint({ appFolder: await write('', { 'host.json': '{ "version": "3.0" }' }) });
    expect(wrong).toContain(`it must have "version": "2.0"`);
    const broken = await complaint({ appFolder: await write('', { 'host.json': '{ "version": ' }) });
    expect(broken).toContain('host.json is no valid JSON');
    const files = {
      'host.json': '{ "version": "2.0", "extensions": { "http": { "routeprefix": "", "unheard": 1 } } }',
    };
    const settings = { 'local.settings.json': '\uFEFF{ "Values": { "A": "1" }, "Nonsense": true, }' };
    host = await startHostProcess({ appFolder: await write('', { ...files, ...settings }) });
    const warnings = host.lines.filter((line) => line.includes('does not know'));
    expect(warnings.map((line) => /"([^"]+)"/.exec(line)?.[1])).toEqual(['Nonsense', 'extensions.http.unheard']);
  });

  it("shows the app's own error when it throws while it loads", async () => {
    const text = await complaint({ appFolder: await write(`throw new Error('no configuration');`) });
    expect(text).toContain('Error: no configuration');
    expect(text).toContain('index.js');
  });
});
