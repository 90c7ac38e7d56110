import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { listen, type Handler, type RunningServer } from '../kit/server.ts';
import { applyEnvironment } from './core/environment.ts';
import { functionsToRun } from './core/functions-to-run.ts';
import { readHostJson } from './core/host-json.ts';
import { createHostedApp } from './core/hosted-app.ts';
import { readLocalSettings, type LocalSettings } from './core/local-settings.ts';
import { createLog } from './core/log.ts';
import { StartError } from './core/start-error.ts';
import type { HostLog } from './core/types.ts';
import { watchForCrashes } from './crashes.ts';
import { startDevelopmentStorage } from './development-storage.ts';
import { Parts } from './parts.ts';
import { SCAN_INTERVAL_MS } from './triggers/blob-trigger.ts';

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
  const { appFolder, settings, warnings } = findApp(options.appFolder);
  const stateFolder = makeStateFolder(options.stateFolder ?? join(appFolder, '.local', 'host'));
  const ownSettings = applyEnvironment(settings.Values, {});
  undo.push(() => ownSettings.restore());
  const storage = await startDevelopmentStorage(process.env, stateFolder);
  if (storage) undo.push(() => storage.stop());
  const read = readHostJson(appFolder, process.env);
  const log = options.log ?? createLog(() => read.hostJson.logging.logLevel, writeLine, process.stderr.isTTY);
  for (const warning of [...warnings, ...read.warnings]) log('warning', 'Host.Startup', warning);

  let answer: Handler = (_request, response) => void response.writeHead(503).end();
  const server = await bind((request, response) => answer(request, response), choosePort(options, settings));
  undo.push(() => server.stop());
  const fixedSettings = applyEnvironment({}, { ...storage?.settings, ...platformSettings(server.port) });
  undo.push(() => fixedSettings.restore());
  const before = process.cwd();
  process.chdir(appFolder);
  undo.push(() => process.chdir(before));

  const app = createHostedApp({
    appFolder,
    log,
    timeoutMs: read.hostJson.functionTimeout,
    prepare: (functions) => functionsToRun(functions, process.env, read.hostJson.functions),
    extraInputs: (fn) => parts.extraInputs(fn),
  });
  const parts = new Parts({
    app,
    address: server.address,
    stateFolder,
    hostId: process.env.AzureFunctionsWebHost__hostid ?? defaultHostId(appFolder),
    hostJson: read.hostJson,
    settings,
    auth: options.auth ?? false,
    blobScanIntervalMs: options.blobScanIntervalMs ?? SCAN_INTERVAL_MS,
    log,
  });
  undo.push(() => parts.stop());
  answer = parts.answer;
  const crashes = watchForCrashes((pauseMs) => parts.load(pauseMs), log);
  undo.push(() => crashes.ignore());
  app.onTimeout = (fn) => crashes.restart(`function '${fn.name}' ran into its time limit, as in Azure`);
  await parts.load();
  let stopping: Promise<void> | undefined;
  return {
    address: server.address,
    port: server.port,
    reload: () => parts.load(),
    stop: () => (stopping ??= unwind(undo)),
  };
}

/** The app, and what its local.settings.json says. */
function findApp(folder: string): { appFolder: string; settings: LocalSettings; warnings: string[] } {
  const appFolder = resolve(folder);
  if (!existsSync(appFolder)) throw new StartError(`There is no folder ${appFolder}.`);
  const { settings, warnings } = readLocalSettings(appFolder);
  const runtime = settings.Values.FUNCTIONS_WORKER_RUNTIME ?? 'node';
  if (runtime !== 'node') throw new StartError(`The app is one for '${runtime}': this host runs Node.js apps only.`);
  return { appFolder, settings, warnings };
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

async function unwind(undo: (() => unknown)[]): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
