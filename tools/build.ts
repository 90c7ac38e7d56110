/**
 * Bundles the app into one CommonJS file that every Functions host can load.
 * `@azure/functions-core` stays outside: the host provides it.
 */
import { build } from 'esbuild';

await build({
  entryPoints: { index: 'src/index.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  sourcemap: 'linked',
  minifySyntax: true,
  keepNames: true,
  external: ['@azure/functions-core'],
  logLevel: 'warning',
});
