import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { context, type Message, type Plugin } from 'esbuild';
import { appBundle } from '../../tools/app-bundle.ts';
import { cachedBundle } from '../../tools/bundle-cache.ts';
import { StartFailure } from './start-failure.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Makes the folder that the host loads, as a deployment does: bundle, host.json, a package.json without dependencies.
 * It lies in the data folder, so that worlds side by side do not overwrite each other's bundle,
 * and a local.settings.json meant for Core Tools is not read.
 * @throws StartFailure that names file and line when the app does not build.
 */
export async function makeAppFolder(folder: string): Promise<void> {
  const [bundle] = await Promise.all([builtApp(), copySettings(folder)]);
  await cp(bundle, join(folder, 'dist'), { recursive: true });
}

async function builtApp(): Promise<string> {
  try {
    return await cachedBundle({ logLevel: 'silent' });
  } catch (error) {
    if (isBuildFailure(error)) throw new StartFailure(`The app does not build: ${describe(error.errors)}`);
    throw error;
  }
}

async function copySettings(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all([
    copyFile(join(PROJECT, 'host.json'), join(folder, 'host.json')),
    writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, main: 'dist/index.cjs' })),
  ]);
}

/**
 * Builds again whenever a source changes.
 * @param onBuilt gets a description of the errors, or undefined when the new bundle is in place
 */
export async function watchApp(
  folder: string,
  onBuilt: (errors: string | undefined) => void,
): Promise<{ stop(): Promise<void> }> {
  let built: (errors: Message[]) => void = () => undefined;
  const first = new Promise((resolve) => (built = resolve));
  const report: Plugin = {
    name: 'report',
    setup: (plugin) =>
      plugin.onEnd(({ errors }) => {
        built(errors);
      }),
  };
  const bundle = appBundle(join(folder, 'dist'));
  const options = { ...bundle, logLevel: 'silent' as const, plugins: [...(bundle.plugins ?? []), report] };
  // Minifying is more than half of the work, and somebody is waiting.
  const watched = await context({ ...options, minify: false });
  await watched.watch();
  // It only begins the first build, of what is loaded already: a change made during that would be in it, and nobody would load it.
  await first;
  built = (errors) => onBuilt(errors.length > 0 ? describe(errors) : undefined);
  return { stop: () => watched.dispose() };
}

function describe(errors: readonly Message[]): string {
  return errors
    .map(({ text, location }) =>
      location
        ? `${relative(PROJECT, join(PROJECT, location.file))}:${location.line}:${location.column}: ${text}`
        : text,
    )
    .join('; ');
}

const isBuildFailure = (error: unknown): error is { errors: Message[] } =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors);
