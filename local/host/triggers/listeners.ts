import type { HostedApp } from '../core/hosted-app.ts';
import type { HostJson } from '../core/host-json.ts';
import type { HostLog, RegisteredFunction } from '../core/types.ts';
import type { InvokeFunction } from '../http/call.ts';
import { compileBlobPath } from './blob-path.ts';
import { createBlobTrigger, functionId, type BlobTrigger } from './blob-trigger.ts';
import { createQueueTrigger } from './queue-trigger.ts';
import type { StorageConnections } from './storage-connections.ts';
import { createTimerTrigger, runTimer, timerInvocation } from './timer-trigger.ts';

export interface ListenersOptions {
  app: HostedApp;
  connections: StorageConnections;
  hostJson: HostJson;
  hostId: string;
  blobScanIntervalMs: number;
  timeZone: string | undefined;
  invoke: InvokeFunction;
  log: HostLog;
}

/** Everything besides HTTP and Durable that runs functions of the app as it is loaded now. */
export interface Listeners {
  readonly blobs: BlobTrigger;
  /**
   * Fires a function by hand, as `POST /admin/functions/{name}` does.
   * @param input a blob's `container/name`, a message, or nothing for a timer
   * @returns undefined when the function's trigger cannot be fired like that
   */
  fire(fn: RegisteredFunction, input: string): Promise<void> | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes the listeners for all blob, queue and timer functions. Throws StartError for a binding that makes no sense. */
export function createListeners(options: ListenersOptions): Listeners {
  const { app, hostJson } = options;
  const ofType = (type: string): RegisteredFunction[] =>
    app.functions().filter((fn) => fn.trigger.type.toLowerCase() === type);
  const blobs = createBlobTrigger({
    ...options,
    functions: ofType('blobtrigger'),
    settings: hostJson.extensions.blobs,
    scanIntervalMs: options.blobScanIntervalMs,
  });
  const queues = createQueueTrigger({
    ...options,
    functions: ofType('queuetrigger'),
    settings: hostJson.extensions.queues,
  });
  const timers = createTimerTrigger({ ...options, functions: ofType('timertrigger') });
  const all = [blobs, queues, timers];
  const stopping = new AbortController();
  return {
    blobs,
    fire: (fn, input) => fireByHand(fn, input, { ...options, blobs, signal: stopping.signal }),
    async start() {
      await Promise.all(all.map((listener) => listener.start()));
    },
    async stop() {
      stopping.abort();
      await Promise.all(all.map((listener) => listener.stop()));
    },
  };
}

interface ByHand extends ListenersOptions {
  blobs: BlobTrigger;
  signal: AbortSignal;
}

function fireByHand(fn: RegisteredFunction, input: string, options: ByHand): Promise<void> | undefined {
  const type = fn.trigger.type.toLowerCase();
  if (type === 'timertrigger') return runTimer(options, fn, timerInvocation(fn, false), options.signal);
  if (type === 'queuetrigger') {
    const request = {
      inputs: { [fn.trigger.name]: { string: input } },
      triggerMetadata: { QueueTrigger: { string: input } },
    };
    return run(options.invoke(fn, request, { queueTrigger: input }));
  }
  if (type === 'blobtrigger') return fireBlob(fn, input, options);
  return undefined;
}

async function run(invocation: Promise<unknown>): Promise<void> {
  await invocation;
}

async function fireBlob(fn: RegisteredFunction, input: string, { connections, blobs }: ByHand): Promise<void> {
  const slash = input.indexOf('/');
  const path = compileBlobPath(input.slice(0, slash));
  const blobName = input.slice(slash + 1);
  const connection = typeof fn.trigger.connection === 'string' ? fn.trigger.connection : undefined;
  const container = (await connections.blobs(connection)).getContainerClient(path.container);
  const { etag = '' } = await container.getBlobClient(blobName).getProperties();
  await blobs.enqueue({
    Type: 'BlobTrigger',
    FunctionId: functionId(fn.name),
    BlobType: 'BlockBlob',
    ContainerName: path.container,
    BlobName: blobName,
    ETag: etag,
  });
}
