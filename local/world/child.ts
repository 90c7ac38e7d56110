import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A Node process that belongs to this one and ends with it. */
export interface Child {
  readonly pid: number;
  /** Resolves once the process has ended, with a phrase for people: `exit code 1`, `signal SIGKILL`. */
  readonly ended: Promise<string>;
  /** SIGTERM, then SIGKILL after `STOP_GRACE_MS`. Safe to call again. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  /** Script and its arguments. */
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  onOutput(line: string): void;
  onError(line: string): void;
}

/** Below the two seconds in which the whole world has to be gone after Ctrl+C. */
const STOP_GRACE_MS = 1_200;

const LEASH = new URL('leash.ts', import.meta.url).href;

/**
 * Starts a Node script as a child that dies with its parent (see leash.ts).
 * It gets its own process group, so that Ctrl+C reaches only the parent, which then stops its children in order.
 * @throws when the process cannot be spawned.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(process.execPath, ['--import', LEASH, ...options.args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // On Windows it would open a console window.
    detached: process.platform !== 'win32',
  });
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code ?? 0}`));
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  eachLine(child.stdout, (line) => options.onOutput(line));
  eachLine(child.stderr, (line) => options.onError(line));

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await ended;
    clearTimeout(kill);
  };
  return { pid, ended, stop: () => (stopping ??= stop()) };
}

function eachLine(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
}
