import { join } from 'node:path';
import { ensureCertificate, type Certificate } from '../certificate.ts';
import { startIdentity, type RunningIdentity } from '../identity/server.ts';
import type { RunningServer } from '../kit/server.ts';
import { startAzurite, type RunningStorage, type StoragePorts } from '../storage.ts';
import type { Ports } from './ports.ts';
import { provisionBlobs, provisionCosmos } from './provision.ts';
import { startTogether, type Running } from './running.ts';
import { trustCertificate } from './trust.ts';

export interface StandInOptions {
  /** Data folder. */
  folder: string;
  ports: Ports;
  /**
   * `two-accounts`: host and data storage apart, data over https with tokens, as in Azure.
   * `development`: one plain http account, for hosts that know `UseDevelopmentStorage=true`.
   */
  storage: 'two-accounts' | 'development';
  /** A real Azure OpenAI resource that takes the simulator's place. */
  openaiEndpoint?: string;
}

export interface StandIns {
  certificate: Certificate;
  identity: RunningIdentity;
  cosmos: RunningServer & { key: string };
  hostStorage: RunningStorage;
  dataStorage: RunningStorage;
  /** Address of the simulator, or of what takes its place. */
  openai: string;
  /** The ports really bound, to come back under. */
  ports: Ports;
  /** Resolves with a sentence when a part ends that nobody has stopped. */
  broken: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts every Azure service that the app needs, all at once, and makes database and containers in them.
 * @throws the first part's error; whatever else has come up is stopped again.
 */
export function startStandIns(options: StandInOptions): Promise<StandIns> {
  return startTogether((running) => startAll(options, running));
}

async function startAll(options: StandInOptions, running: Running): Promise<StandIns> {
  const { folder, ports } = options;
  const certificate = ownCertificate(folder);
  const identity = running.keep(startIdentity({ port: ports.identity, folder: join(folder, 'identity') }));
  const [hostStorage, dataStorage, cosmos, openai, known] = await Promise.all([
    running.keep(startHostStorage(options)),
    options.storage === 'two-accounts' ? running.keep(startDataStorage(options, certificate)) : undefined,
    running.keep(startCosmosStandIn(options, identity, certificate)),
    options.openaiEndpoint === undefined ? running.keep(startSimulator(options, identity)) : undefined,
    identity,
  ]);
  const data = dataStorage ?? hostStorage;
  await Promise.all([provisionCosmos(cosmos.address, cosmos.key), provisionBlobs(data.connectionString)]);
  return {
    certificate: await certificate,
    identity: known,
    cosmos,
    hostStorage,
    dataStorage: data,
    openai: openai?.address ?? options.openaiEndpoint ?? '',
    ports: {
      identity: known.port,
      cosmos: cosmos.port,
      openai: openai?.port ?? ports.openai,
      dataBlob: portOf(data.blob),
      dataQueue: portOf(data.queue),
      dataTable: portOf(data.table),
      hostBlob: portOf(hostStorage.blob),
      hostQueue: portOf(hostStorage.queue),
      hostTable: portOf(hostStorage.table),
    },
    broken: Promise.race([hostStorage.ended, data.ended]).then((how) => `The storage emulator ended (${how}).`),
    stop: () => running.stop(),
  };
}

const portOf = (address: string): number => Number(new URL(address).port);

/** The SDKs of this process have to trust it, too. */
async function ownCertificate(folder: string): Promise<Certificate> {
  const certificate = await ensureCertificate(join(folder, 'tls'));
  trustCertificate(certificate.cert);
  return certificate;
}

function startHostStorage({ folder, ports }: StandInOptions): Promise<RunningStorage> {
  const own: StoragePorts = { blob: ports.hostBlob, queue: ports.hostQueue, table: ports.hostTable };
  return startAzurite({ folder: join(folder, 'host-storage'), ports: own });
}

async function startDataStorage(
  { folder, ports }: StandInOptions,
  certificate: Promise<Certificate>,
): Promise<RunningStorage> {
  const own: StoragePorts = { blob: ports.dataBlob, queue: ports.dataQueue, table: ports.dataTable };
  return startAzurite({ folder: join(folder, 'data-storage'), ports: own, tls: await certificate });
}

/** Loaded only now, so that the storage processes come up in the meantime. */
async function startCosmosStandIn(
  { folder, ports }: StandInOptions,
  identity: Promise<RunningIdentity>,
  certificate: Promise<Certificate>,
): Promise<RunningServer & { key: string }> {
  const { startCosmos } = await import('../cosmos/server.ts');
  const { tokens } = await identity;
  return startCosmos({
    port: ports.cosmos,
    tls: await certificate,
    dataFile: join(folder, 'cosmos.sqlite'),
    tokens,
    // Tests plan faults through it; it is on loopback like everything else here.
    control: true,
  });
}

async function startSimulator(
  { folder, ports }: StandInOptions,
  identity: Promise<RunningIdentity>,
): Promise<RunningServer> {
  const { startOpenAI } = await import('../openai/server.ts');
  const { tokens } = await identity;
  return startOpenAI({ port: ports.openai, dataFile: join(folder, 'openai.sqlite'), tokens });
}
