import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stop as stopBuilder } from 'esbuild';
import { makeAppFolder, watchApp } from './app-folder.ts';
import { appSettings, hostEnvironment } from './app-settings.ts';
import { note } from './console.ts';
import { forgetEndpoints, servicesOf, writeEndpoints, type Endpoints } from './endpoints.ts';
import { waitForHealth } from './health.ts';
import { superviseHost, type SupervisedHost } from './host-process.ts';
import { readable } from './log-line.ts';
import { rememberedPorts, rememberPorts } from './ports.ts';
import { replaceFile } from './replace-file.ts';
import { startTogether, type Running } from './running.ts';
import { startStandIns, type StandIns } from './stand-ins.ts';

export interface WorldOptions {
  /** Data folder, already locked. */
  folder: string;
  /** Of the app, known to be free; 0 takes any. */
  port: number;
  /** Build and reload when a source changes. */
  watch: boolean;
  environment: NodeJS.ProcessEnv;
}

export interface World {
  gateway: string;
  /** Resolves with a sentence when a part ends that nobody has stopped. */
  broken: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Brings up the whole world. Order: everything that depends on nothing at once (storage, identity, stores, simulator,
 * the app's bundle); then databases and containers; then the host, which needs all of it; then it must be well.
 * @throws StartFailure for what a person can mend; what has come up is stopped again.
 */
export function startWorld(options: WorldOptions): Promise<World> {
  return startTogether((running) => startAll(options, running));
}

async function startAll(options: WorldOptions, running: Running): Promise<World> {
  const { folder, environment } = options;
  const appFolder = join(folder, 'app');
  await forgetEndpoints(folder);
  const standIns = await startServices(options, appFolder, running);
  let endpoints: Endpoints | undefined;
  const settings = appSettings(environment, standIns, await trustFile(folder, standIns, environment));
  const host = await running.keep(
    superviseHost({
      appFolder,
      port: options.port,
      stateFolder: join(folder, 'host'),
      environment: {
        ...hostEnvironment(environment, settings),
        // The bundle has another path in every data folder, and a cache of its own costs more than three later starts win back.
        NODE_COMPILE_CACHE: undefined,
      },
      onLine: (line) => note('host', readable(line)),
      onRestart: async (hostPid) => {
        // Before the first Ready nobody has been told of the old process.
        if (endpoints === undefined) return;
        endpoints = { ...endpoints, hostPid };
        await writeEndpoints(folder, endpoints);
      },
    }),
  );
  await waitForHealth(host.address);
  endpoints = {
    gateway: host.address,
    ...servicesOf(standIns),
    hostPid: host.pid,
    app: { folder: appFolder, settings },
  };
  await writeEndpoints(folder, endpoints);
  if (options.watch) await running.keep(watch(appFolder, host));
  return {
    gateway: host.address,
    broken: standIns.broken,
    // The host first: it should still find the services while it ends.
    stop: () => host.stop().then(() => running.stop()),
  };
}

/** Every service, where it was the last time, and beside them the app's bundle. */
async function startServices(
  { folder, environment }: WorldOptions,
  appFolder: string,
  running: Running,
): Promise<StandIns> {
  const ports = await rememberedPorts(folder);
  const [standIns] = await Promise.all([
    running.keep(
      startStandIns({
        folder,
        ports,
        storage: 'two-accounts',
        openaiEndpoint: environment.AZURE_OPENAI_ENDPOINT || undefined,
      }),
    ),
    // Only here is it clear that nobody else in this process builds. Watching starts another builder.
    makeAppFolder(appFolder).finally(stopBuilder),
  ]);
  await rememberPorts(folder, standIns.ports);
  return standIns;
}

/** The host trusts our certificate besides what the developer's own environment makes it trust. */
async function trustFile(folder: string, standIns: StandIns, environment: NodeJS.ProcessEnv): Promise<string> {
  const theirs = environment.NODE_EXTRA_CA_CERTS;
  if (!theirs) return standIns.certificate.certFile;
  const both = join(folder, 'tls', 'trust.pem');
  await replaceFile(both, `${standIns.certificate.cert}\n${await readFile(theirs, 'utf8')}`);
  return both;
}

function watch(appFolder: string, host: SupervisedHost): Promise<{ stop(): Promise<void> }> {
  return watchApp(appFolder, (errors) => {
    if (errors === undefined) {
      note('watch', 'src has changed: the app is loaded again.');
      host.reload();
    } else note('watch', `The app does not build, the last good one goes on: ${errors}`);
  });
}
