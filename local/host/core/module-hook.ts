import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** How an app asks for what the host provides; it is no npm package. */
const CORE = '@azure/functions-core';
const SLOT = Symbol.for('functions-host.core-module');
const { cache } = createRequire(import.meta.url);

/** The state of the process-wide hook: Node offers no way to have two. */
const current: { generation: number; appModules: Set<string>; installed: boolean } = {
  generation: 0,
  appModules: new Set(),
  installed: false,
};

/**
 * Loads entry points with `coreModule` standing for `@azure/functions-core`. Every call loads the app's modules anew
 * (CommonJS and ESM, packages included); the host's own are left alone. One app per process.
 */
export async function importApp(entries: readonly { file: string; esm: boolean }[], coreModule: object): Promise<void> {
  install();
  forget();
  Object.defineProperty(globalThis, SLOT, { value: coreModule, configurable: true });
  const before = new Set(Object.keys(cache));
  try {
    for (const { file, esm } of entries) {
      const url = pathToFileURL(file).href;
      current.appModules.add(url);
      if (esm) await import(inGeneration(url));
      else createRequire(file)(file);
    }
  } finally {
    purgeLater = () => {
      for (const key of Object.keys(cache)) if (!before.has(key)) Reflect.deleteProperty(cache, key);
    };
  }
}

/** Empties the CommonJS cache of what the last app has loaded, lazily loaded modules included. */
let purgeLater: (() => void) | undefined;

function forget(): void {
  if (!purgeLater) return;
  purgeLater();
  purgeLater = undefined;
  current.generation += 1;
}

function install(): void {
  if (current.installed) return;
  current.installed = true;
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === CORE) {
        return { url: `functions-core:${current.generation}`, format: 'commonjs', shortCircuit: true };
      }
      const resolved = next(specifier, context);
      const parent = context.parentURL === undefined ? undefined : withoutQuery(context.parentURL);
      if (parent === undefined || !current.appModules.has(parent) || !resolved.url.startsWith('file:')) return resolved;
      current.appModules.add(withoutQuery(resolved.url));
      return { ...resolved, url: inGeneration(resolved.url) };
    },
    load(url, context, next) {
      if (!url.startsWith('functions-core:')) return next(url, context);
      const source = `module.exports = globalThis[Symbol.for(${JSON.stringify(Symbol.keyFor(SLOT))})];`;
      return { format: 'commonjs', source, shortCircuit: true };
    },
  });
}

/** ESM modules can never leave Node's cache: a query makes a reloaded one another module. */
function inGeneration(url: string): string {
  if (current.generation === 0) return url;
  return `${url}${url.includes('?') ? '&' : '?'}generation=${current.generation}`;
}

function withoutQuery(url: string): string {
  const at = url.indexOf('?');
  return at < 0 ? url : url.slice(0, at);
}
