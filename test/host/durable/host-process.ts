import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startChild, type Child } from '../../../local/world/child.ts';
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
const READY = /^Ready: (\S+)$/;

/**
 * The embedded host in a process of its own, which a test may kill and start again on the same state. (On Core Tools,
 * where the suite runs there: nothing that kills.)
 */
export class HostProcess implements AsyncDisposable {
  readonly #options: HostOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'durable-host-'));
  #child: Child | undefined;
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
    let ready: (address: string) => void = () => undefined;
    const address = new Promise<string>((resolve) => (ready = resolve));
    const child = await startChild({
      args: [MAIN, '--app', app, '--port', '0', '--state', join(this.#folder, 'state'), ...flags],
      env: { ...process.env, SCRATCH: this.#folder, ...environment },
      onOutput: (line) => {
        const found = READY.exec(line)?.[1];
        if (found !== undefined) ready(found);
      },
      onError: (line) => (this.#log += `${line}\n`),
    });
    this.#child = child;
    const early = child.ended.then((end) => {
      throw new Error(`The host ended while it started (${end}):\n${this.#log}`);
    });
    this.#address = await Promise.race([address, early]);
    // From here on its end is no surprise.
    early.catch(() => undefined);
  }

  /** Ends it the hard way. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child) return;
    try {
      process.kill(child.pid, 'SIGKILL');
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
    await child.ended;
  }

  /** Ends it the way a person does. */
  async stop(): Promise<void> {
    await this.#child?.stop();
    this.#child = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#coreTools?.stop();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
