import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startChild } from '../../local/world/child.ts';
import { writeApp, type AppFolder } from './support/example-app.ts';
import { onCoreTools, startHostProcess, type HostRequest } from './support/running-host.ts';

const cosmos = `app.cosmosDB('f', { connection: 'C', databaseName: 'd', containerName: 'c', handler: () => {} })`;
const queue = (name: string, connection: string): string =>
  `app.storageQueue('f', { queueName: '${name}', connection: '${connection}', handler: () => {} })`;

interface Case {
  code?: string;
  files?: Record<string, string>;
  settings?: Record<string, string>;
  /** What the outcome has to hold; `started` when the app runs. */
  says: string[];
}

/** Everything here is about what the embedded host says; Core Tools have words of their own. */
const cases: Record<string, Case> = {
  'names a missing build': {
    files: { 'package.json': '{ "main": "dist/index.js" }' },
    says: ['build the app first'],
  },
  'names a package.json without main': { files: { 'package.json': '{}' }, says: ['has no "main"'] },
  'refuses a trigger that it does not do': { code: cosmos, says: ["Function 'f'", 'cosmosDBTrigger'] },
  'refuses Service Bus': {
    code: `app.serviceBusQueue('f', { connection: 'C', queueName: 'q', handler: () => {} })`,
    says: ["Function 'f'", 'serviceBusTrigger'],
  },
  'refuses entities': {
    code: `app.generic('f', { trigger: trigger.generic({ type: 'entityTrigger' }), handler: () => {} })`,
    says: ["Function 'f'", 'entityTrigger'],
  },
  'refuses an input that it does not do': {
    code: `app.http('f', { extraInputs: [input.storageBlob({ path: 'a/b', connection: 'C' })], handler: () => {} })`,
    says: ["Function 'f'", "of type 'blob'", 'input'],
  },
  'refuses an output that it does not do': {
    code: `app.http('f', { extraOutputs: [output.table({ tableName: 't', connection: 'C' })], handler: () => {} })`,
    says: ["Function 'f'", "of type 'table'", 'output'],
  },
  'runs the rest of an app when that function is disabled': {
    code: cosmos,
    settings: { 'AzureWebJobs.f.Disabled': '1' },
    says: ['started'],
  },
  'names a setting that a binding needs': { code: queue('%NOT_SET%', 'C'), says: ['%NOT_SET%', 'f'] },
  'names a connection that is not set': {
    code: queue('q', 'Missing'),
    says: ["'AzureWebJobsMissing' is not configured"],
  },
  'names a schedule that is none': {
    code: `app.timer('f', { schedule: '61 * * * * *', handler: () => {} })`,
    says: [`Function 'f': "61 * * * * *" is no schedule`],
  },
  'names a container that is not fixed': {
    code: `app.storageBlob('f', { path: '{container}/x', connection: 'C', handler: () => {} })`,
    says: ['the container of a blob trigger has to be a fixed name'],
  },
  'names a route constraint that it does not know': {
    code: `app.http('f', { route: 'a/{b:odd}', handler: () => {} })`,
    says: ["Function 'f'", '"odd"'],
  },
  'names a host.json of another version': {
    files: { 'host.json': '{ "version": "3.0" }' },
    says: ['it must have "version": "2.0"'],
  },
  'names a host.json that is no JSON': {
    files: { 'host.json': '{ "version": ' },
    says: ['host.json is no valid JSON'],
  },
  'names a setting of host.json that is wrong': {
    files: { 'host.json': '{ "version": "2.0", "functionTimeout": "soon" }' },
    says: ['functionTimeout', '"soon" is no time span'],
  },
  'names encrypted settings': {
    files: { 'local.settings.json': '{ "IsEncrypted": true, "Values": { "A": "x" } }' },
    says: ['func settings decrypt'],
  },
  'names an app of another language': {
    files: { 'local.settings.json': '{ "Values": { "FUNCTIONS_WORKER_RUNTIME": "python" } }' },
    says: ["The app is one for 'python'"],
  },
  "shows the app's own error when it throws while it loads": {
    code: `throw new Error('no configuration');`,
    says: ['Error: no configuration', 'index.js'],
  },
  'runs an app without functions, and asks about it': { says: ['started', 'has registered no functions'] },
  'warns of settings that it does not know, and of nothing else': {
    files: {
      'host.json': `\uFEFF{ /* a comment */ "version": "2.0", "Logging": { "logLevel": { "x": "Debug" } }, "extensions": { "http": { "routeprefix": "", "unheard": 1, }, }, }`,
      'local.settings.json': '\uFEFF{ "Values": { "A": "1" }, "Host": { "CORS": "*" }, "Nonsense": true, }',
    },
    says: ['started', 'the setting "Nonsense"', 'the setting "extensions.http.unheard"'],
  },
};

describe.skipIf(onCoreTools)('starting a host', () => {
  const apps: AppFolder[] = [];
  const outcomes = new Map<string, string>();

  async function write({ code = '', files }: Case): Promise<string> {
    const source = `const { app, input, output, trigger } = require('@azure/functions'); ${code}`;
    const app = await writeApp({ 'package.json': '{ "main": "index.js" }', 'index.js': source, ...files }, true);
    apps.push(app);
    return app.path;
  }

  beforeAll(async () => {
    const names = Object.keys(cases);
    const attempts = await Promise.all(
      Object.values(cases).map(async (each) => ({ appFolder: await write(each), settings: each.settings })),
    );
    const script = fileURLToPath(new URL('support/try-starts.ts', import.meta.url));
    const errors: string[] = [];
    const child = await startChild({
      args: [script, JSON.stringify(attempts)],
      onOutput: (line) => {
        const { outcome, log } = z.object({ outcome: z.string(), log: z.array(z.string()) }).parse(JSON.parse(line));
        outcomes.set(names[outcomes.size] ?? '', [outcome, ...log].join('\n'));
      },
      onError: (line) => errors.push(line),
    });
    await child.ended;
    if (outcomes.size < names.length) throw new Error(errors.join('\n'));
  });
  afterAll(() => Promise.all(apps.map((app) => app.remove())));

  it.each(Object.keys(cases))('%s', (name) => {
    const outcome = outcomes.get(name) ?? '';
    for (const said of cases[name]?.says ?? []) expect(outcome).toContain(said);
    const warnings = outcome.split('\n').filter((line) => line.includes('does not know the setting'));
    expect(warnings).toHaveLength(name.startsWith('warns') ? 2 : 0);
  });

  /** What the command prints before it exits with 1. */
  async function complaint(request: HostRequest): Promise<string> {
    try {
      await (await startHostProcess(request)).stop();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    throw new Error('The host has started.');
  }

  it('ends the command with one sentence about a folder that is not there', async () => {
    const text = await complaint({ appFolder: '/', flags: ['--app', '/no/such/folder'] });
    expect(text).toBe('There is no folder /no/such/folder.');
  });

  it('ends the command with one sentence about a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const address = server.address();
    const port = String(address !== null && typeof address === 'object' ? address.port : 0);
    const text = await complaint({ appFolder: await write({ says: [] }), flags: ['--port', port] });
    server.close();
    expect(text).toBe(`Port ${port} is already in use: choose another one with --port (0 takes a free one).`);
  });
});
