import { resolve } from 'node:path';
import { watch } from 'chokidar';

/** A build writes many files: it is over when nothing has changed for this long. */
const SETTLE_MS = 300;
/** State, packages and version control do not count. */
const IGNORED = /[\\/](node_modules|\.[^\\/]+)([\\/]|$)/;

/** Calls `changed` after files of an app have changed. Resolves once no change can be missed. */
export async function watchApp(appFolder: string, changed: () => void): Promise<void> {
  const folder = resolve(appFolder);
  const watcher = watch(folder, { ignored: (path) => IGNORED.test(path.slice(folder.length)), ignoreInitial: true });
  let settled: NodeJS.Timeout | undefined;
  watcher.on('all', () => {
    clearTimeout(settled);
    settled = setTimeout(changed, SETTLE_MS);
  });
  await new Promise<void>((ready) => watcher.once('ready', () => ready()));
}
