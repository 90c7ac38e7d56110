import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CosmosClient, type Database } from '@azure/cosmos';
import { BlobServiceClient } from '@azure/storage-blob';
import OpenAI from 'openai';
import { readEndpoints, type Endpoints } from '../../local/world/endpoints.ts';
import { trustCertificate } from '../../local/world/trust.ts';
import { unwatch, watch } from './answers/checked-fetch.ts';

export interface WorldOptions {
  /** Added to the environment: app settings, PORT. */
  environment?: Record<string, string>;
  /** Of an earlier world, to see what survives; it is then left in place. Default: a fresh one, removed at the end. */
  dataFolder?: string;
  arguments?: string[];
  /** Folder of the project; default: this one. */
  project?: string;
}

/** A local world of the test's own: `npm start` as a child process, on free ports, with a data folder of its own. */
export interface World {
  readonly dataFolder: string;
  /** Process id of `npm start`. */
  readonly pid: number;
  readonly process: ChildProcess;
  /** As they were at the start; `hostPid` changes with every new host. */
  readonly endpoints: Endpoints;
  /** Everything on stdout and stderr so far. */
  output(): string;
  errors(): string;
  currentEndpoints(): Promise<Endpoints>;
  /** kill -9 of the Functions host; resolves when another one answers in its place. */
  killHost(): Promise<void>;
  /** SIGTERM, and waits for the end. Gives the exit code. */
  stop(): Promise<number | null>;
  /** Ctrl+C as a terminal sends it: SIGINT to the whole process group. Waits for the end and gives the exit code. */
  interrupt(): Promise<number | null>;
}

const LEASH = new URL('../../local/world/leash.ts', import.meta.url).href;
const START_LIMIT_MS = 100_000;
const RECOVERY_LIMIT_MS = 30_000;
const LOOK_MS = 50;

/** Quick looks at background runs: tests wait for states, and should not wait long. */
const QUICK: Readonly<Record<string, string>> = { POLL_INTERVAL_SECONDS: '0.1', POLL_MAX_INTERVAL_SECONDS: '1' };

/**
 * Starts `local/start.ts` and resolves once it says that it is ready.
 * @throws Error with everything it wrote to stderr when it ends instead.
 */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'world-')));
  // On the leash of this process: a test run that is cut short leaves no world behind.
  const child = spawn(process.execPath, ['--import', LEASH, 'local/start.ts', ...(options.arguments ?? [])], {
    cwd: options.project,
    env: { ...cleanEnvironment(), ...QUICK, PORT: '0', LOCAL_DATA_DIR: dataFolder, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own, as a shell gives it to a command.
    detached: true,
  });
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const discard = async (): Promise<void> => {
    if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    await ready(child, ended, errors);
  } catch (error) {
    child.kill('SIGKILL');
    await discard();
    throw error;
  }
  const endpoints = await requireEndpoints(dataFolder);
  watch(endpoints.gateway);
  watch(endpoints.openai, 'service');
  const pid = child.pid ?? 0;
  const endBy = async (signal: NodeJS.Signals, target: number): Promise<number | null> => {
    // One that has ended already has given its code.
    if (child.exitCode === null && child.signalCode === null) process.kill(target, signal);
    const code = await ended;
    unwatch(endpoints.gateway);
    unwatch(endpoints.openai);
    await discard();
    return code;
  };
  return {
    dataFolder,
    pid,
    process: child,
    endpoints,
    output,
    errors,
    currentEndpoints: () => requireEndpoints(dataFolder),
    killHost: () => killHost(dataFolder),
    stop: () => endBy('SIGTERM', pid),
    interrupt: () => endBy('SIGINT', -pid),
  };
}

/** A caller of its own for each test: locally any key is let in, and is the owner of what it makes. */
export function newCaller(endpoints: Endpoints): { key: string; client: OpenAI } {
  const key = `test-${randomUUID()}`;
  return { key, client: clientFor(endpoints, key) };
}

/** Without retries of the SDK, which would hide what the gateway does; every answer is checked against the API's contract. */
export const clientFor = (endpoints: Endpoints, apiKey: string): OpenAI =>
  new OpenAI({ baseURL: `${endpoints.gateway}/openai/v1`, apiKey, maxRetries: 0 });

/** The data account. */
export async function openBlobs(endpoints: Endpoints): Promise<BlobServiceClient> {
  await trust(endpoints);
  return BlobServiceClient.fromConnectionString(endpoints.dataStorage);
}

/** The database `gateway`. */
export async function openDatabase(endpoints: Endpoints): Promise<Database> {
  await trust(endpoints);
  return new CosmosClient({ endpoint: endpoints.cosmos, key: endpoints.cosmosKey }).database('gateway');
}

const trusted = new Map<string, Promise<void>>();

/** Lets this process call the https addresses of a world. */
export function trust({ caFile }: Endpoints): Promise<void> {
  const known = trusted.get(caFile) ?? readFile(caFile, 'utf8').then(trustCertificate);
  trusted.set(caFile, known);
  return known;
}

/** Settings of the developer's shell have no business in a test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const misleading = /^(AZURE_|AUTH_|COSMOS_|DataStorage|AzureWebJobs|WEBHOOK_|POLL_|DOCUMENT|NODE_OPTIONS$|VITEST)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !misleading.test(name)));
}

function collect(stream: Readable | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return () => text;
}

async function ready(child: ChildProcess, ended: Promise<number | null>, errors: () => string): Promise<void> {
  const { stdout } = child;
  if (!stdout) throw new Error('The world has no output to wait for.');
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  await new Promise<void>((resolve, reject) => {
    const fail = (what: string): void => reject(new Error(`${what}:\n${errors()}`));
    limit.addEventListener('abort', () => fail('The world did not get ready in time'));
    void ended.then((code) => fail(`The world ended with exit code ${code ?? 'none'} before it was ready`));
    createInterface({ input: stdout }).on('line', (line) => {
      if (line.startsWith('Ready: ')) resolve();
    });
  });
}

async function requireEndpoints(dataFolder: string): Promise<Endpoints> {
  const endpoints = await readEndpoints(dataFolder);
  if (!endpoints) throw new Error(`There is no endpoints.json in ${dataFolder}.`);
  return endpoints;
}

async function killHost(dataFolder: string): Promise<void> {
  const before = await requireEndpoints(dataFolder);
  if (before.hostPid === undefined) throw new Error('The world has no host of its own.');
  process.kill(before.hostPid, 'SIGKILL');
  const limit = Date.now() + RECOVERY_LIMIT_MS;
  for (;;) {
    const now = await requireEndpoints(dataFolder);
    if (now.hostPid !== before.hostPid && (await isWell(now.gateway))) return;
    if (Date.now() > limit) throw new Error('No host came back.');
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function isWell(gateway: string): Promise<boolean> {
  try {
    return (await fetch(`${gateway}/health`)).ok;
  } catch {
    // Not listening yet.
    return false;
  }
}
