import { build } from 'esbuild';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { writeApp, type AppFolder } from './support/example-app.ts';
import { onCoreTools, startHostProcess, type RunningHost } from './support/running-host.ts';

const hello = (name: string): string =>
  `app.http('${name}', { authLevel: 'anonymous', handler: () => ({ body: '${name}' }) });`;

describe('loading an app', () => {
  let host: RunningHost | undefined;
  let app: AppFolder | undefined;
  afterEach(async () => {
    await host?.stop();
    await app?.remove();
  });

  async function bodies(files: Record<string, string>, ...names: string[]): Promise<string[]> {
    app = await writeApp(files, true);
    host = await startHostProcess({ appFolder: app.path, settings: { AzureWebJobsStorage: '' } });
    const { address } = host;
    return Promise.all(names.map(async (name) => (await fetch(`${address}/api/${name}`)).text()));
  }

  it('takes CommonJS', async () => {
    const files = {
      'package.json': '{ "main": "index.js" }',
      'index.js': `const { app } = require('@azure/functions'); ${hello('one')}`,
    };
    expect(await bodies(files, 'one')).toEqual(['one']);
  });

  it('takes ES modules with top-level await and imports of their own', async () => {
    const files = {
      'package.json': '{ "main": "src/index.js", "type": "module" }',
      'src/index.js': `import './more.js'; import { app } from '@azure/functions'; await Promise.resolve(); ${hello('one')}`,
      'src/more.js': `import { app } from '@azure/functions'; ${hello('two')}`,
    };
    expect(await bodies(files, 'one', 'two')).toEqual(['one', 'two']);
  });

  it('takes a pattern with braces for main, and mixed kinds of modules', async () => {
    const files = {
      'package.json': '{ "main": "dist/{index.js,functions/*.{js,mjs}}" }',
      'dist/index.js': `const { app } = require('@azure/functions'); app.setup({ enableHttpStream: true });`,
      'dist/functions/one.js': `const { app } = require('@azure/functions'); ${hello('one')}`,
      'dist/functions/two.mjs': `import { app } from '@azure/functions'; ${hello('two')}`,
    };
    expect(await bodies(files, 'one', 'two')).toEqual(['one', 'two']);
  });

  it('takes an ES module with the libraries bundled into it, streaming on', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `import { app } from '@azure/functions'; import 'durable-functions'; app.setup({ enableHttpStream: true }); ${hello('one')}`,
        resolveDir: process.cwd(),
      },
      write: false,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['@azure/functions-core'],
      banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
    });
    const files = { 'package.json': '{ "main": "bundle.mjs" }', 'bundle.mjs': outputFiles[0]?.text ?? '' };
    expect(await bodies(files, 'one')).toEqual(['one']);
  });

  it.skipIf(onCoreTools)('loads ES modules anew after a crash', async () => {
    const files = {
      'package.json': '{ "main": "index.mjs" }',
      'index.mjs': `
        import { app } from '@azure/functions';
        import { next } from './state.mjs';
        app.http('count', { authLevel: 'anonymous', handler: () => ({ body: String(next()) }) });
        app.http('crash', { authLevel: 'anonymous', handler: () => { setTimeout(() => { throw new Error(); }); return {}; } });`,
      'state.mjs': `let count = 0; export const next = () => ++count;`,
    };
    expect(await bodies(files, 'count', 'crash')).toEqual(['1', '']);
    const running = host;
    await eventually('the restart', () =>
      Promise.resolve(running?.lines.some((line) => line.includes('The app is restarted')) ? true : undefined),
    );
    const count = async (): Promise<string> => (await fetch(`${running?.address ?? ''}/api/count`)).text();
    expect([await count(), await count()]).toEqual(['1', '2']);
  });
});
