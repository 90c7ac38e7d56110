import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { startChild, type Child } from './world/child.ts';

/** Azurite, up and answering. The addresses end in the account's name, as the storage SDKs expect of an emulator. */
export interface RunningStorage {
  readonly blob: string;
  readonly queue: string;
  readonly table: string;
  /** With the account key; works over http and https alike. */
  readonly connectionString: string;
  readonly pid: number;
  /** Resolves with a phrase for people when the process has ended, asked for or not. */
  readonly ended: Promise<string>;
  /** Saves and stops; bounded, safe to call again. */
  stop(): Promise<void>;
}

export interface StoragePorts {
  blob: number;
  queue: number;
  table: number;
}

export interface StorageOptions {
  /** Where blobs, messages and rows are kept. Two running accounts need two folders. */
  folder: string;
  /** With it the services speak https and also take bearer tokens (checked for issuer, audience and lifetime, not for signature). */
  tls?: { certFile: string; keyFile: string };
  /** 0 or absent takes a free port. */
  ports?: Partial<StoragePorts>;
  /** Forgets everything at the end; for tests. */
  inMemory?: boolean;
}

const ACCOUNT = 'devstoreaccount1';
/** Azurite's published key: the one that `UseDevelopmentStorage=true` stands for. It protects nothing. */
const ACCOUNT_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const START_LIMIT_MS = 30_000;
/** Longer than the SDKs leave a connection idle, so that they do not write into one that is being closed. */
const KEEP_ALIVE_SECONDS = 60;
const LISTENING = /Azurite (Blob|Queue|Table) service is successfully listening at (\S+)/;

/**
 * Starts Azurite (blob, queue, table) as a child process that dies with this one.
 * @throws Error with Azurite's own words when it does not come up: a port in use, an unreadable folder.
 */
export async function startAzurite(options: StorageOptions): Promise<RunningStorage> {
  await mkdir(options.folder, { recursive: true });
  const script = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const addresses = new Map<string, string>();
  const complaints: string[] = [];
  let announce: () => void = () => undefined;
  const listening = new Promise<void>((resolve) => (announce = resolve));
  const child = await startChild({
    args: [script, ...flags(options)],
    cwd: options.folder,
    // AZURITE_ACCOUNTS of the developer's shell would take the default account away.
    env: { ...process.env, AZURITE_ACCOUNTS: '' },
    onOutput: (line) => {
      const [, service, address] = LISTENING.exec(line) ?? [];
      if (service === undefined || address === undefined) return;
      addresses.set(service, `${address}/${ACCOUNT}`);
      if (addresses.size === 3) announce();
    },
    onError: (line) => complaints.push(line),
  });
  await started(child, listening, complaints);
  const [blob, queue, table] = ['Blob', 'Queue', 'Table'].map((service) => addresses.get(service) ?? '');
  if (!blob || !queue || !table) throw new Error('Azurite did not say where it listens.');
  return {
    blob,
    queue,
    table,
    connectionString: connectionString({ blob, queue, table }),
    pid: child.pid,
    ended: child.ended,
    stop: () => child.stop(),
  };
}

function flags({ folder, tls, ports, inMemory }: StorageOptions): string[] {
  const services = (['blob', 'queue', 'table'] as const).flatMap((service) => [
    `--${service}Port`,
    String(ports?.[service] ?? 0),
    `--${service}KeepAliveTimeout`,
    String(KEEP_ALIVE_SECONDS),
  ]);
  return [
    '--silent',
    '--disableTelemetry',
    // The storage SDK speaks a newer version than Azurite knows.
    '--skipApiVersionCheck',
    ...services,
    ...(inMemory ? ['--inMemoryPersistence'] : ['--location', folder]),
    ...(tls ? ['--oauth', 'basic', '--cert', tls.certFile, '--key', tls.keyFile] : []),
  ];
}

async function started(child: Child, listening: Promise<void>, complaints: readonly string[]): Promise<void> {
  const limit = setTimeout(() => void child.stop(), START_LIMIT_MS);
  const outcome = await Promise.race([listening, child.ended]);
  clearTimeout(limit);
  if (outcome === undefined) return;
  const words = complaints.join(' ').trim();
  const inUse = /EADDRINUSE[^\d]*([\d.]+:\d+)/.exec(words)?.[1];
  if (inUse) throw new Error(`Storage could not start: ${inUse} is already in use. Is another Azurite running?`);
  throw new Error(`Storage could not start (Azurite ended with ${outcome}). ${words}`.trim());
}

function connectionString({ blob, queue, table }: { blob: string; queue: string; table: string }): string {
  return [
    `DefaultEndpointsProtocol=${new URL(blob).protocol.replace(':', '')}`,
    `AccountName=${ACCOUNT}`,
    `AccountKey=${ACCOUNT_KEY}`,
    `BlobEndpoint=${blob}`,
    `QueueEndpoint=${queue}`,
    `TableEndpoint=${table}`,
    '',
  ].join(';');
}
