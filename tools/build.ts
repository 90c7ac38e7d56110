/**
 * Bundles the app into one CommonJS file that every Functions host can load.
 * `@azure/functions-core` stays outside: the host provides it.
 */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type BuildOptions } from 'esbuild';

/** How the app is bundled, wherever it goes. */
export function appBundle(folder: string): BuildOptions {
  return {
    entryPoints: { index: 'src/index.ts' },
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
    external: ['@azure/functions-core'],
    logLevel: 'warning',
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await build(appBundle('dist'));
