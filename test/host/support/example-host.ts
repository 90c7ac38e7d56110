import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { z } from 'zod';
import { startAzurite } from '../../../local/storage.ts';
import { eventually } from '../../support/eventually.ts';
import { buildExampleApp } from './example-app.ts';
import { startHostProcess, type RunningHost } from './running-host.ts';

/** The example app on a host, with a storage account of its own. */
export interface ExampleHost extends RunningHost {
  readonly blobs: BlobServiceClient;
  readonly queues: QueueServiceClient;
  readonly appFolder: string;
  /** What the app noted down under a name. */
  reports(name: string): Promise<unknown[]>;
  /** Waits until the app has noted down that many. */
  reported(name: string, count?: number): Promise<unknown[]>;
  /** Ends the host's process and starts another one with the same app and storage. */
  restart(): Promise<void>;
}

export interface ExampleOptions {
  streams?: boolean;
  settings?: Readonly<Record<string, string>>;
  flags?: readonly string[];
  /** Containers to make before the host starts. */
  containers?: readonly string[];
}

export const QUEUE = 'example-plain';

/** Builds the example app and starts a host for it. */
export async function startExampleHost(options: ExampleOptions = {}): Promise<ExampleHost> {
  const folder = await mkdtemp(join(tmpdir(), 'host-storage-'));
  const [app, azurite] = await Promise.all([buildExampleApp(), startAzurite({ folder, inMemory: true })]);
  const blobs = BlobServiceClient.fromConnectionString(azurite.connectionString);
  const queues = QueueServiceClient.fromConnectionString(azurite.connectionString);
  for (const container of options.containers ?? []) await blobs.createContainer(container);
  const start = (): Promise<RunningHost> =>
    startHostProcess({
      appFolder: app.path,
      flags: options.flags,
      settings: {
        AzureWebJobsStorage: azurite.connectionString,
        FUNCTIONS_WORKER_RUNTIME: 'node',
        EXAMPLE_QUEUE: QUEUE,
        EXAMPLE_STREAMS: String(options.streams ?? false),
        'AzureWebJobs.disabled.Disabled': 'true',
        ...options.settings,
      },
    });
  let host = await start();
  const reports = async (name: string): Promise<unknown[]> => {
    const answer = await fetch(`${host.address}/api/reports/${name}`);
    return z.array(z.unknown()).parse(await answer.json());
  };
  return {
    get address() {
      return host.address;
    },
    get pid() {
      return host.pid;
    },
    get lines() {
      return host.lines;
    },
    get out() {
      return host.out;
    },
    get ended() {
      return host.ended;
    },
    blobs,
    queues,
    appFolder: app.path,
    reports,
    reported: (name, count = 1) =>
      eventually(`${count} reports of ${name}`, async () => {
        const found = await reports(name);
        return found.length >= count ? found : undefined;
      }),
    async restart() {
      await host.stop();
      host = await start();
    },
    async stop() {
      await host.stop();
      await azurite.stop();
      await Promise.all([app.remove(), rm(folder, { recursive: true, force: true })]);
    },
  };
}
