import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onCoreTools } from '../support/running-host.ts';
import { startCoreTools, type CoreToolsHost } from './core-tools.ts';
import { TaskHub } from './task-hub.ts';

export interface HostOptions {
  /** Folder of the app; the example app when it is left out. */
  app?: string;
  /** More for the command line. */
  flags?: readonly string[];
  /** App settings on top of the environment. */
  environment?: Readonly<Record<string, string>>;
}

const EXAMPLE_APP = resolve('test/host/durable/app');
const MAIN = resolve('local/host/main.ts');
const READY = /^Ready: (\S+)$/m;
const BOOT_LIMIT_MS = 20_000;

/**
 * The embedded host in a process of its own, which a test may kill and start again on the same state. (On Core Tools,
 * where the suite runs there: nothing that kills.)
 */
export class HostProcess implements AsyncDisposable {
  readonly #options: HostOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'durable-host-'));
  #child: ChildProcess | undefined;
  #coreTools: CoreToolsHost | undefined;
  #log = '';
  #address = '';

  constructor(options: HostOptions = {}) {
    this.#options = options;
  }

  static async start(options: HostOptions = {}): Promise<HostProcess> {
    const host = new HostProcess(options);
    await host.start();
    return host;
  }

  /** Where it answers now: every start has another port. */
  get address(): string {
    return this.#address;
  }

  /** Everything that host and app have logged so far. */
  get log(): string {
    return this.#coreTools?.lines.join('\n') ?? this.#log;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** The task hub at the current address. */
  get hub(): TaskHub {
    return new TaskHub(() => this.#address);
  }

  /** How often activities have counted a call under this key. */
  calls(key: string): number {
    const file = join(this.#folder, `calls-${key}`);
    return existsSync(file) ? readFileSync(file).length : 0;
  }

  async start(): Promise<void> {
    if (onCoreTools) await this.#startOnCoreTools();
    else await this.#startEmbedded();
  }

  async #startOnCoreTools(): Promise<void> {
    const { app = EXAMPLE_APP, environment } = this.#options;
    this.#coreTools = await startCoreTools(app, { SCRATCH: this.#folder, ...environment });
    this.#address = this.#coreTools.address;
  }

  async #startEmbedded(): Promise<void> {
    const { app = EXAMPLE_APP, flags = [], environment } = this.#options;
    const parameters = [MAIN, '--app', app, '--port', '0', '--state', join(this.#folder, 'state'), ...flags];
    const child = spawn(process.execPath, parameters, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SCRATCH: this.#folder, ...environment },
    });
    this.#child = child;
    child.stderr.on('data', (chunk) => (this.#log += String(chunk)));
    this.#address = await new Promise<string>((ready, failed) => {
      let output = '';
      const limit = setTimeout(() => failed(new Error(`The host did not start:\n${this.#log}`)), BOOT_LIMIT_MS);
      child.once('exit', () => failed(new Error(`The host ended while it started:\n${this.#log}`)));
      child.stdout.on('data', (chunk) => {
        output += String(chunk);
        const address = READY.exec(output)?.[1];
        if (address === undefined) return;
        clearTimeout(limit);
        ready(address);
      });
    });
  }

  /** Ends it the hard way. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends it the way a person does. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#coreTools?.stop();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
