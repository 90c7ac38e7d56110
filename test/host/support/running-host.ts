import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../../../local/world/child.ts';

/** Whether the suite runs against Core Tools (`npm run test:host -- --func`) and not the embedded host. */
export const onCoreTools = process.env.HOST_UNDER_TEST === 'func';

export interface HostRequest {
  appFolder: string;
  /** App settings. */
  settings?: Readonly<Record<string, string>>;
  /** More of the embedded host's own flags. */
  flags?: readonly string[];
}

/** A host as a process, as people start it. */
export interface RunningHost {
  readonly address: string;
  readonly pid: number;
  /** What it printed so far; `out` is standard output alone. */
  readonly lines: readonly string[];
  readonly out: readonly string[];
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../../../local/host/main.ts', import.meta.url));
const CORE_TOOLS_READY_MS = 60_000;

/**
 * Starts a host for an app and waits until it answers.
 * @throws Error with what it printed when it ends instead
 */
export async function startHostProcess(request: HostRequest): Promise<RunningHost> {
  return onCoreTools ? startCoreTools(request) : startEmbedded(request);
}

async function startEmbedded({ appFolder, settings, flags = [] }: HostRequest): Promise<RunningHost> {
  let ready: (address: string) => void = () => undefined;
  const address = new Promise<string>((resolve) => (ready = resolve));
  const run = await startProcess(
    [MAIN, '--app', appFolder, '--port', '0', '--blob-scan', '0.5', ...flags],
    appFolder,
    settings,
    (line) => {
      const found = /^Ready: (\S+)$/.exec(line)?.[1];
      if (found !== undefined) ready(found);
    },
  );
  return { ...run, address: await orEnded(run, address) };
}

async function startCoreTools({ appFolder, settings }: HostRequest): Promise<RunningHost> {
  const port = await freePort();
  const run = startFunc(['start', '--port', String(port)], appFolder, settings);
  const address = `http://127.0.0.1:${port}`;
  return { ...run, address: await orEnded(run, untilRunning(address)) };
}

/** Core Tools are a native program that starts others: all of them are one process group. */
function startFunc(args: readonly string[], cwd: string, settings: Readonly<Record<string, string>> = {}): Run {
  const child = spawn('func', args, {
    cwd,
    env: { ...process.env, ...settings },
    // It stops when its standard input ends.
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(`exit code ${code ?? 0}`));
  });
  return {
    pid: child.pid ?? 0,
    lines,
    out: lines,
    ended,
    async stop() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
      await ended;
    },
  };
}

type Run = Omit<RunningHost, 'address'>;

async function startProcess(
  args: readonly string[],
  cwd: string,
  settings: Readonly<Record<string, string>> = {},
  onOutput: (line: string) => void = () => undefined,
): Promise<Run> {
  const lines: string[] = [];
  const out: string[] = [];
  const child: Child = await startChild({
    args,
    cwd,
    env: { ...process.env, ...settings },
    onOutput: (line) => {
      lines.push(line);
      out.push(line);
      onOutput(line);
    },
    onError: (line) => lines.push(line),
  });
  return { pid: child.pid, lines, out, ended: child.ended, stop: () => child.stop() };
}

async function orEnded(run: Run, ready: Promise<string>): Promise<string> {
  const address = await Promise.race([ready, run.ended.then(() => undefined)]);
  if (address !== undefined) return address;
  throw new Error(run.lines.join('\n'));
}

async function untilRunning(address: string): Promise<string> {
  const limit = Date.now() + CORE_TOOLS_READY_MS;
  while (Date.now() < limit) {
    const status = await fetch(`${address}/admin/host/status`).catch(() => undefined);
    if (status?.ok && (await status.text()).includes('"Running"')) return address;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error('Core Tools did not come up.');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('No free port.'));
      });
    });
  });
}
