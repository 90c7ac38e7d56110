import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BuildOptions, Plugin } from 'esbuild';
import { parse } from 'yaml';

/** A YAML file becomes the text of its JSON: the description of the API is written in the one and served as the other. */
const yamlAsJson: Plugin = {
  name: 'yaml-as-json',
  setup: (bundler) =>
    bundler.onLoad({ filter: /\.yaml$/ }, async ({ path }) => ({
      contents: JSON.stringify(parse(await readFile(path, 'utf8'))),
      loader: 'text',
    })),
};

/**
 * How the app is bundled, wherever it goes: one CommonJS file that every Functions host can load.
 * `@azure/functions-core` stays outside: the host provides it.
 */
export function appBundle(folder: string): BuildOptions {
  return {
    // The reading thread of dropped documents is a file of its own: 2 MB that only it ever loads.
    entryPoints: { index: 'src/index.ts', worker: 'src/documents/reading/worker.ts' },
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    sourcemap: 'linked',
    // Positions are enough for a stack; the sources themselves would be most of the map.
    sourcesContent: false,
    // Names stay: stack traces in logs are read by people, and Durable finds functions by theirs.
    minify: true,
    keepNames: true,
    // The storage SDK would load Arrow for lists in a format that has to be asked for, which nobody does: a quarter of a megabyte.
    external: ['@azure/functions-core', 'apache-arrow'],
    alias: {
      // One registry of factories: the Functions library requires this file, an import would take its ESM twin.
      '@azure/functions-extensions-base':
        './node_modules/@azure/functions-extensions-base/dist/azure-functions-extensions-base.js',
    },
    plugins: [yamlAsJson],
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    logLevel: 'warning',
  };
}
