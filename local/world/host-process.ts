import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startChild, type Child } from './child.ts';
import { StartFailure } from './start-failure.ts';

export interface HostOptions {
  appFolder: string;
  /** 0 takes a free port; the host comes back under the same one whenever it is started again. */
  port: number;
  /** Where the host keeps its own state (Durable). */
  stateFolder: string;
  environment: NodeJS.ProcessEnv;
  /** Lines of the host and the app. */
  onLine(line: string): void;
  /** Called when a new process answers in the place of one that has ended. */
  onRestart(pid: number): Promise<void>;
}

export interface SupervisedHost {
  readonly address: string;
  readonly pid: number;
  /** Loads the app anew; requests wait meanwhile. */
  reload(): void;
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../host/main.ts', import.meta.url));
const READY = /^Ready: (http\S+)/;
/** Long enough not to mistake a Ctrl+C that reached the host first for a crash. */
const FIRST_RESTART_MS = 50;
const SLOWEST_RESTART_MS = 5_000;
/** A host that has lived this long was fine: its end is a new story. */
const HEALTHY_AFTER_MS = 30_000;
/** The real host looks every 10 s; somebody who drops a file here is watching. */
const BLOB_SCAN_SECONDS = 1;

/**
 * Runs the Functions host as a child process and starts it again, at the same address, whenever it ends.
 * @throws StartFailure with the host's last words when it does not come up the first time.
 */
export async function superviseHost(options: HostOptions): Promise<SupervisedHost> {
  let current = await launch(options, options.port);
  const port = Number(new URL(current.address).port);
  const stopped = new AbortController();
  const supervision = supervise();

  async function supervise(): Promise<void> {
    let delay = FIRST_RESTART_MS;
    while (!stopped.signal.aborted) {
      const since = Date.now();
      const how = await current.child.ended;
      if (isAborted()) return;
      options.onLine(`The host ended (${how}); it is started again.`);
      delay = Date.now() - since > HEALTHY_AFTER_MS ? FIRST_RESTART_MS : Math.min(delay * 2, SLOWEST_RESTART_MS);
      await pause(delay);
      await relaunch();
    }
  }

  async function relaunch(): Promise<void> {
    while (!isAborted()) {
      try {
        current = await launch(options, port);
        await options.onRestart(current.child.pid);
        return;
      } catch (error) {
        options.onLine(`${error instanceof Error ? error.message : String(error)} Trying again.`);
        await pause(SLOWEST_RESTART_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      }
    }
  }

  const isAborted = (): boolean => stopped.signal.aborted;

  return {
    address: current.address,
    get pid() {
      return current.child.pid;
    },
    reload: () => void process.kill(current.child.pid, 'SIGHUP'),
    stop: async () => {
      stopped.abort();
      await current.child.stop();
      await supervision;
      // It may have come up between the two lines above.
      await current.child.stop();
    },
  };
}

async function launch(options: HostOptions, port: number): Promise<{ child: Child; address: string }> {
  let lastWords = '';
  let announce: (address: string) => void = () => undefined;
  const ready = new Promise<string>((resolve) => (announce = resolve));
  const onLine = (line: string): void => {
    // Not the frames of a stack, which follow what went wrong.
    if (/^\S/.test(line)) lastWords = line;
    options.onLine(line);
  };
  const child = await startChild({
    args: [
      MAIN,
      ...flags({ app: options.appFolder, port, state: options.stateFolder, 'blob-scan': BLOB_SCAN_SECONDS }),
    ],
    env: options.environment,
    onOutput: (line) => {
      const address = READY.exec(line)?.[1];
      if (address === undefined) onLine(line);
      else announce(address);
    },
    onError: onLine,
  });
  const address = await Promise.race([ready, child.ended.then(() => undefined)]);
  if (address === undefined) {
    throw new StartFailure(`The Functions host did not start (${await child.ended}): ${lastWords}`);
  }
  return { child, address };
}

const flags = (values: Record<string, string | number>): string[] =>
  Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
