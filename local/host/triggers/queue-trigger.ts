import type { DequeuedMessageItem, QueueServiceClient } from '@azure/storage-queue';
import { z } from 'zod';
import type { HostJson } from '../core/host-json.ts';
import { StartError } from '../core/start-error.ts';
import type { BindingData, HostLog, InvocationRequest, RegisteredFunction, TypedData } from '../core/types.ts';
import type { InvokeFunction } from '../http/call.ts';
import type { Listener } from './listener.ts';
import { pumpMessages, type MessagePump } from './message-pump.ts';
import { sendToPoison } from './poison-queue.ts';
import type { StorageConnections } from './storage-connections.ts';

export interface QueueTriggerOptions {
  functions: readonly RegisteredFunction[];
  connections: StorageConnections;
  settings: HostJson['extensions']['queues'];
  invoke: InvokeFunction;
  log: HostLog;
}

/** How long a message stays hidden; renewed while the function runs. The real extension's is 10 minutes. */
const LEASE_SECONDS = 30;
/** The real extension's is a minute; nobody wants to wait for that on a laptop. */
const LOCAL_MAX_POLLING_MS = 2000;

const trigger = z.object({ queueName: z.string().min(1), connection: z.string().optional() });
const jsonObject = z.record(z.string(), z.unknown());

/** Runs queue functions: several messages at a time, hidden while a function works on them, poisoned in the end. */
export function createQueueTrigger(options: QueueTriggerOptions): Listener {
  const pumps: MessagePump[] = [];
  let stopped = false;
  return {
    async start() {
      for (const fn of options.functions) {
        const start = await preparePump(options, fn);
        if (!stopped) pumps.push(start());
      }
    },
    async stop() {
      stopped = true;
      await Promise.all(pumps.map((pump) => pump.stop()));
    },
  };
}

/** Finds the queue, and makes it if need be. */
async function preparePump(options: QueueTriggerOptions, fn: RegisteredFunction): Promise<() => MessagePump> {
  const { connections, settings, log } = options;
  const parsed = trigger.safeParse(fn.trigger);
  if (!parsed.success) throw new StartError(`Function '${fn.name}': its queue trigger names no queue.`);
  const { queueName, connection } = parsed.data;
  const service: QueueServiceClient = await connections.queues(connection);
  const queue = service.getQueueClient(queueName);
  await queue.createIfNotExists();
  const settingsOfPump = {
    queue,
    batchSize: settings.batchSize,
    newBatchThreshold: settings.newBatchThreshold ?? Math.floor(settings.batchSize / 2),
    leaseSeconds: LEASE_SECONDS,
    retryAfterSeconds: settings.visibilityTimeout / 1000,
    maxDequeueCount: settings.maxDequeueCount,
    maxIdleMs: settings.maxPollingInterval ?? LOCAL_MAX_POLLING_MS,
    handle: async (message: DequeuedMessageItem) => {
      const { request, bindingData } = queueInvocation(fn, message, settings.messageEncoding);
      await options.invoke(fn, request, bindingData);
    },
    poison: (message: DequeuedMessageItem) => sendToPoison(service, `${queueName}-poison`, message.messageText),
    log,
    category: 'Host.Triggers.Queues',
  };
  return () => pumpMessages(settingsOfPump);
}

/** Builds the invocation for a message. Text reaches the function parsed if it is JSON: that is the library's doing. */
function queueInvocation(
  fn: RegisteredFunction,
  message: DequeuedMessageItem,
  encoding: 'base64' | 'none',
): { request: InvocationRequest; bindingData: BindingData } {
  const bytes = Buffer.from(message.messageText, encoding === 'base64' ? 'base64' : 'utf8');
  const text = bytes.toString('utf8');
  const wantsBytes = String(fn.trigger.dataType).toLowerCase() === 'binary';
  const triggerMetadata: Record<string, TypedData> = {
    QueueTrigger: { json: JSON.stringify(text) },
    Id: { string: message.messageId },
    PopReceipt: { string: message.popReceipt },
    DequeueCount: { int: message.dequeueCount },
    InsertionTime: { json: JSON.stringify(message.insertedOn) },
    ExpirationTime: { json: JSON.stringify(message.expiresOn) },
    NextVisibleTime: { json: JSON.stringify(message.nextVisibleOn) },
  };
  return {
    request: { inputs: { [fn.trigger.name]: wantsBytes ? { bytes } : { string: text } }, triggerMetadata },
    // Fields of the message win, as on the real host.
    bindingData: { queueTrigger: text, id: message.messageId, ...fieldsOf(text) },
  };
}

/** The fields of a JSON message: outputs may put them into their paths. */
function fieldsOf(text: string): Record<string, string> {
  if (!text.trimStart().startsWith('{')) return {};
  try {
    const fields = jsonObject.parse(JSON.parse(text));
    return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, asText(value)]));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
