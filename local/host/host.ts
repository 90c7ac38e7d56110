import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { listen, type Handler, type RunningServer } from '../kit/server.ts';
import { applyEnvironment } from './core/environment.ts';
import { functionsToRun } from './core/functions-to-run.ts';
import { readHostJson, type HostJson } from './core/host-json.ts';
import { createHostedApp, describe, type HostedApp } from './core/hosted-app.ts';
import { readLocalSettings, type LocalSettings } from './core/local-settings.ts';
import { createLog } from './core/log.ts';
import { StartError } from './core/start-error.ts';
import type { HostLog } from './core/types.ts';
import { startDevelopmentStorage } from './development-storage.ts';
import { createParts } from './parts.ts';

export interface HostOptions {
  /** Folder of a built v4 app: package.json, host.json, what `main` names. */
  appFolder: string;
  /** 0 takes a free port. Default: `Host.LocalHttpPort` of local.settings.json, else 7071. */
  port?: number;
  /** Where the host keeps Durable's store, keys and its Azurite. Default: `.local/host` in the app folder. */
  stateFolder?: string;
  /** Checks keys, as Azure does; without it every request is let in, as Core Tools do. */
  auth?: boolean;
  /** Pause between two looks for new blobs. Default: the real host's 10 s. */
  blobScanIntervalMs?: number;
  /** Receives what host and app log. Default: lines on stderr. */
  log?: HostLog;
}

export interface RunningHost extends RunningServer {
  /** Loads the app's code anew; functions in flight are cut off, new requests wait. Rejects when it cannot be loaded. */
  reload(): Promise<void>;
}

const DEFAULT_PORT = 7071;
/** Between two restarts after crashes, so that an app that crashes at once does not keep the machine busy. */
const RESTART_PAUSE_MS = 1000;

/**
 * Runs a Functions app in this process. One app per process: working directory, environment and module hook are its own.
 * @throws StartError with one clear sentence when app, settings or port do not allow it; what the app throws while it loads
 */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const undo: (() => unknown)[] = [];
  try {
    return await start(options, undo);
  } catch (error) {
    await unwind(undo);
    throw error;
  }
}

async function start(options: HostOptions, undo: (() => unknown)[]): Promise<RunningHost> {
  const appFolder = resolve(options.appFolder);
  if (!existsSync(appFolder)) throw new StartError(`There is no folder ${appFolder}.`);
  const { settings, warnings } = readLocalSettings(appFolder);
  const stateFolder = makeStateFolder(options.stateFolder ?? join(appFolder, '.local', 'host'));
  undo.push(applyEnvironment(settings.Values, {}).restore);
  const storage = await startDevelopmentStorage(process.env, stateFolder);
  if (storage) undo.push(() => storage.stop());
  const read = readHostJson(appFolder, process.env);
  const log = options.log ?? createLog(() => read.hostJson.logging.logLevel, writeLine, process.stderr.isTTY);
  for (const warning of [...warnings, ...read.warnings]) log('warning', 'Host.Startup', warning);

  let answer: Handler = (_request, response) => void response.writeHead(503).end();
  const server = await bind((request, response) => answer(request, response), choosePort(options, settings));
  undo.push(() => server.stop());
  undo.push(applyEnvironment({}, { ...storage?.settings, ...platformSettings(server.port) }).restore);
  const before = process.cwd();
  process.chdir(appFolder);
  undo.push(() => process.chdir(before));

  const hostId = process.env.AzureFunctionsWebHost__hostid ?? defaultHostId(appFolder);
  const { app, parts } = assemble({ options, appFolder, stateFolder, hostId, hostJson: read.hostJson, settings, log });
  undo.push(() => parts.stop());
  answer = parts.answer;
  const restart = watchForCrashes(app, parts.reload, log, undo);
  app.onTimeout = () => restart('a function ran into its time limit');
  await parts.load();
  let stopping: Promise<void> | undefined;
  return {
    address: server.address,
    port: server.port,
    reload: () => parts.reload(),
    stop: () => (stopping ??= unwind(undo)),
  };
}

interface Assembly {
  options: HostOptions;
  appFolder: string;
  stateFolder: string;
  hostId: string;
  hostJson: HostJson;
  settings: LocalSettings;
  log: HostLog;
}

function assemble(assembly: Assembly) {
  const { options, appFolder, hostJson, log } = assembly;
  const app = createHostedApp({
    appFolder,
    log,
    timeoutMs: hostJson.functionTimeout,
    prepare: (functions) => functionsToRun(functions, process.env, hostJson.functions),
    extraInputs: (fn) => parts.extraInputs(fn),
  });
  const parts = createParts({
    ...assembly,
    app,
    auth: options.auth ?? false,
    blobScanIntervalMs: options.blobScanIntervalMs,
  });
  return { app, parts };
}

/** What the platform itself sets, and apps and libraries read. */
function platformSettings(port: number): Record<string, string> {
  return {
    // Without it, and with any other form, the Durable client would send callers to port 7071.
    WEBSITE_HOSTNAME: `localhost:${port}`,
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AZURE_FUNCTIONS_ENVIRONMENT: process.env.AZURE_FUNCTIONS_ENVIRONMENT ?? 'Development',
  };
}

function choosePort(options: HostOptions, settings: LocalSettings): number {
  return options.port ?? settings.Host.LocalHttpPort ?? DEFAULT_PORT;
}

async function bind(handler: Handler, port: number): Promise<RunningServer> {
  try {
    return await listen(handler, { port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE')
      throw new StartError(`Port ${port} is already in use: choose another one with --port (0 takes a free one).`);
    if (code === 'EACCES')
      throw new StartError(`Port ${port} may not be used by this account: choose another one with --port.`);
    throw error;
  }
}

/** Machine and folder decide, as with Core Tools: a moved app has no receipts and timers any more. */
function defaultHostId(appFolder: string): string {
  return `local-${createHash('sha256').update(appFolder).digest('hex').slice(0, 12)}`;
}

function makeStateFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const ignore = join(folder, '.gitignore');
  // State belongs to this machine: it must not end up in the app's repository.
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
  return resolve(folder);
}

/**
 * An exception that nobody caught ends the worker in Azure, which is then started anew. Here the app is loaded anew:
 * the HTTP front stays up and waits for it.
 */
function watchForCrashes(app: HostedApp, reload: () => Promise<void>, log: HostLog, undo: (() => unknown)[]) {
  let restarting = false;
  let last = -Infinity;
  function restart(why: string): void {
    if (restarting) return;
    restarting = true;
    const pause = Math.max(0, last + RESTART_PAUSE_MS - performance.now());
    const timer = setTimeout(() => {
      last = performance.now();
      log('warning', 'Host.Worker', `The app is restarted: ${why}.`);
      reload()
        .catch((error: unknown) => log('error', 'Host.Worker', `The app cannot be loaded: ${describe(error)}`))
        .finally(() => (restarting = false));
    }, pause);
    undo.push(() => clearTimeout(timer));
  }
  function onException(error: unknown): void {
    log('critical', 'Host.Worker', `Nobody caught this, ${app.running()} functions were running: ${describe(error)}`);
    restart('of an uncaught exception');
  }
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onException);
  undo.push(() => {
    process.off('uncaughtException', onException);
    process.off('unhandledRejection', onException);
  });
  return restart;
}

async function unwind(undo: (() => unknown)[]): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
