import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { superviseHost } from '../../local/world/host-process.ts';
import { replaceFile } from '../../local/world/replace-file.ts';
import type { Endpoints } from '../../local/world/endpoints.ts';
import { unwatch, watch } from './answers/checked-fetch.ts';

/** Another Functions host with the same app, as a second instance in Azure would be. */
export interface SecondHost {
  /** Its own address; clients use `<gateway>/openai/v1`. */
  readonly gateway: string;
  readonly pid: number;
  /** What host and app have written so far. */
  lines(): readonly string[];
  stop(): Promise<void>;
}

export interface HostOrder {
  appFolder: string;
  environment: NodeJS.ProcessEnv;
}

/** Runs an app folder on a host of its own, with a Durable store of its own (the embedded host's is for one process). */
export async function startHostOf(order: HostOrder): Promise<SecondHost> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'second-host-'));
  const lines: string[] = [];
  const host = await superviseHost({
    ...order,
    port: 0,
    stateFolder,
    onLine: (line) => lines.push(line),
    onRestart: () => Promise.resolve(),
  });
  watch(host.address);
  return {
    gateway: host.address,
    get pid() {
      return host.pid;
    },
    lines: () => lines,
    stop: async () => {
      await host.stop();
      unwatch(host.address);
      await rm(stateFolder, { recursive: true, force: true });
    },
  };
}

/** A second host on the stores of a running world. */
export async function startSecondHost(
  { app }: Endpoints,
  environment: Record<string, string> = {},
): Promise<SecondHost> {
  if (!app) throw new Error('The world has no app of its own.');
  return startHostOf({ appFolder: app.folder, environment: { ...process.env, ...app.settings, ...environment } });
}

/** What takes work of the whole world, and would lose it, or hold it up, when the host stops. */
const TAKERS = ['documentDropped', 'documentPoisoned', 'reconcile', 'purgeHistory', 'retention', 'finishDeletions'];

/** A second host that only answers requests, and drives what they begin: for other settings beside those of a shared world. */
export const startDoorHost = (endpoints: Endpoints, environment: Record<string, string> = {}): Promise<SecondHost> =>
  startSecondHost(endpoints, {
    ...Object.fromEntries(TAKERS.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true'])),
    ...environment,
  });

/** A second host whose clock can be set. */
export interface ShiftedHost extends SecondHost {
  /** From now on its clock is ahead by so many milliseconds. */
  shift(milliseconds: number): Promise<void>;
}

const CLOCK = new URL('./shifted-clock.ts', import.meta.url).href;

export async function startShiftedHost(
  endpoints: Endpoints,
  environment: Record<string, string>,
): Promise<ShiftedHost> {
  const folder = await mkdtemp(join(tmpdir(), 'clock-'));
  const file = join(folder, 'shift');
  // Replaced as a whole: the host may be reading it at this moment.
  const shift = (milliseconds: number): Promise<void> => replaceFile(file, String(milliseconds));
  await shift(0);
  const host = await startSecondHost(endpoints, {
    ...environment,
    NODE_OPTIONS: `--import=${CLOCK}`,
    SHIFTED_CLOCK: file,
  });
  return {
    gateway: host.gateway,
    get pid() {
      return host.pid;
    },
    lines: () => host.lines(),
    shift,
    stop: async () => {
      await host.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
