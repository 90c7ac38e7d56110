import { watch } from 'chokidar';

/** A build writes many files: it is over when nothing has changed for this long. */
const SETTLE_MS = 300;

/** Calls `changed` after files of an app have changed. State, packages and version control do not count. */
export function watchApp(appFolder: string, changed: () => void): void {
  let settled: NodeJS.Timeout | undefined;
  const ignored = (path: string): boolean =>
    /[\\/](node_modules|\.[^\\/]+)([\\/]|$)/.test(path.slice(appFolder.length));
  watch(appFolder, { ignored, ignoreInitial: true }).on('all', () => {
    clearTimeout(settled);
    settled = setTimeout(changed, SETTLE_MS);
  });
}
