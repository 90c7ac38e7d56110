import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerClient } from '@azure/storage-blob';
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { z } from 'zod';
import { describe } from '../core/hosted-app.ts';
import type { HostJson } from '../core/host-json.ts';
import { StartError } from '../core/start-error.ts';
import type { HostLog, RegisteredFunction } from '../core/types.ts';
import type { InvokeFunction } from '../http/call.ts';
import { blobInvocation } from './blob-delivery.ts';
import { compileBlobPath, type BlobPath } from './blob-path.ts';
import { createBlobReceipts, type BlobMessage, type BlobReceipts } from './blob-receipts.ts';
import { createBlobScanner, type BlobScanner, type WatchedContainer } from './blob-scanner.ts';
import type { Listener } from './listener.ts';
import { pumpMessages, type MessagePump } from './message-pump.ts';
import { sendToPoison } from './poison-queue.ts';
import type { StorageConnections } from './storage-connections.ts';
import { orUndefined } from './storage-errors.ts';

export interface BlobTriggerOptions {
  functions: readonly RegisteredFunction[];
  connections: StorageConnections;
  hostId: string;
  settings: HostJson['extensions']['blobs'];
  /** Pause between two looks for new blobs; the real host's is {@link SCAN_INTERVAL_MS}. */
  scanIntervalMs: number;
  invoke: InvokeFunction;
  log: HostLog;
}

export interface BlobTrigger extends Listener {
  /** Enqueues one version of a blob for a function, as the Event Grid webhook and the admin address do. */
  enqueue(message: BlobMessage): Promise<void>;
}

/** ScanBlobScanLogHybridPollingStrategy of the real extension. */
export const SCAN_INTERVAL_MS = 10_000;
/** The real extension's is 10 minutes: a host killed in the middle would be felt only then. */
const LEASE_SECONDS = 30;
const MAX_IDLE_MS = 2000;
const POISON_QUEUE = 'webjobs-blobtrigger-poison';
const CATEGORY = 'Host.Triggers.Blobs';

const trigger = z.object({
  path: z.string(),
  connection: z.string().optional(),
  source: z.string().optional(),
});

const blobMessage: z.ZodType<BlobMessage> = z.object({
  Type: z.literal('BlobTrigger'),
  FunctionId: z.string(),
  BlobType: z.string().catch('BlockBlob'),
  ContainerName: z.string(),
  BlobName: z.string(),
  ETag: z.string(),
});

interface Watcher {
  fn: RegisteredFunction;
  functionId: string;
  path: BlobPath;
  connection: string | undefined;
  isScanned: boolean;
}

/** The name of a function in the queue, the receipts and the webhook. */
export function functionId(name: string): string {
  return `Host.Functions.${name}`;
}

/** Reads the text of a message of the blob queue. Throws when it is none. */
function parseBlobMessage(text: string): BlobMessage {
  return blobMessage.parse(JSON.parse(Buffer.from(text, 'base64').toString()));
}

/** Runs blob functions: scan, receipt, queue, function, with everything in the places where the real extension has it. */
export function createBlobTrigger(options: BlobTriggerOptions): BlobTrigger {
  const watchers = options.functions.map(toWatcher);
  const { connections, hostId, settings, log } = options;
  const stopping = new AbortController();
  let queue: QueueClient | undefined;
  let pump: MessagePump | undefined;
  let scanning: Promise<void> = Promise.resolve();
  let receipts: BlobReceipts | undefined;

  async function enqueue(message: BlobMessage): Promise<void> {
    await queue?.sendMessage(Buffer.from(JSON.stringify(message)).toString('base64'));
    pump?.wake();
  }

  async function handle(item: DequeuedMessageItem): Promise<void> {
    const message = parseBlobMessage(item.messageText);
    const watcher = watchers.find((each) => each.functionId === message.FunctionId);
    if (!watcher) return;
    const service = await connections.blobs(watcher.connection);
    const container = service.getContainerClient(message.ContainerName);
    const client = container.getBlobClient(message.BlobName);
    const properties = await orUndefined(client.getProperties());
    if (!properties) return;
    if (bare(properties.etag) !== bare(message.ETag)) {
      await receipts?.notify(watcher.functionId, container, message.BlobName);
      return;
    }
    const params = watcher.path.match(message.BlobName) ?? {};
    const { request, bindingData } = await blobInvocation(watcher.fn, { client, properties, params });
    await options.invoke(watcher.fn, request, bindingData);
  }

  async function poison(item: DequeuedMessageItem): Promise<void> {
    const { FunctionId } = parseBlobMessage(item.messageText);
    const watcher = watchers.find((each) => each.functionId === FunctionId);
    await sendToPoison(await connections.queues(watcher?.connection), POISON_QUEUE, item.messageText);
  }

  return {
    enqueue,
    async start() {
      if (watchers.length === 0) return;
      const hostContainer = (await connections.blobs(undefined)).getContainerClient('azure-webjobs-hosts');
      queue = (await connections.queues(undefined)).getQueueClient(`azure-webjobs-blobtrigger-${hostId}`);
      await Promise.all([hostContainer.createIfNotExists(), queue.createIfNotExists()]);
      receipts = createBlobReceipts({ hostContainer, hostId, enqueue });
      const scanners = await createScanners(watchers, { ...options, hostContainer, receipts });
      if (stopping.signal.aborted) return;
      pump = pumpMessages({
        queue,
        batchSize: settings.maxDegreeOfParallelism,
        newBatchThreshold: settings.maxDegreeOfParallelism - 1,
        leaseSeconds: LEASE_SECONDS,
        retryAfterSeconds: 0,
        maxDequeueCount: settings.poisonBlobThreshold,
        maxIdleMs: MAX_IDLE_MS,
        handle,
        poison,
        log,
        category: CATEGORY,
      });
      scanning = scanForEver(scanners, options, stopping.signal);
    },
    async stop() {
      stopping.abort();
      await Promise.all([scanning, pump?.stop()]);
    },
  };
}

function toWatcher(fn: RegisteredFunction): Watcher {
  const parsed = trigger.safeParse(fn.trigger);
  if (!parsed.success) throw new StartError(`Function '${fn.name}': its blob trigger has no path.`);
  const { path, connection, source } = parsed.data;
  return {
    fn,
    functionId: functionId(fn.name),
    path: compileBlobPath(path),
    connection,
    isScanned: source?.toLowerCase() !== 'eventgrid',
  };
}

async function createScanners(
  watchers: readonly Watcher[],
  options: BlobTriggerOptions & { hostContainer: ContainerClient; receipts: BlobReceipts },
): Promise<BlobScanner[]> {
  const containers = new Map<string, WatchedContainer & { watchers: Watcher[] }>();
  for (const watcher of watchers.filter(({ isScanned }) => isScanned)) {
    const key = `${watcher.connection ?? ''} ${watcher.path.container}`;
    const known = containers.get(key);
    if (known) {
      known.watchers.push(watcher);
      continue;
    }
    const service = await options.connections.blobs(watcher.connection);
    const container = service.getContainerClient(watcher.path.container);
    containers.set(key, { service, container, watchers: [watcher] });
  }
  const { hostContainer, hostId, receipts } = options;
  return [...containers.values()].map((watched) => createBlobScanner({ ...watched, hostContainer, hostId, receipts }));
}

async function scanForEver(
  scanners: readonly BlobScanner[],
  options: BlobTriggerOptions,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted && scanners.length > 0) {
    for (const scanner of scanners) {
      await scanner.scan().catch((error: unknown) => {
        if (!stop.aborted) options.log('error', CATEGORY, `Looking for new blobs failed: ${describe(error)}`);
      });
    }
    // An aborted pause is over: that is all there is to say.
    await delay(options.scanIntervalMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** Event Grid sends the ETag without quotes. */
function bare(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}
