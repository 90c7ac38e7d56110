import type { QueueClient } from '@azure/storage-queue';
import { z } from 'zod';
import { fromTypedData, toContent } from '../core/typed-data.ts';
import type { Binding, BindingData, DeliverOutputs, TypedData } from '../core/types.ts';
import { fillPath } from './output-paths.ts';
import type { StorageConnections } from './storage-connections.ts';
import { orUndefined } from './storage-errors.ts';

const queueBinding = z.object({ queueName: z.string(), connection: z.string().optional() });
const blobBinding = z.object({ path: z.string(), connection: z.string().optional() });

/** Writes what functions hand to queue and blob outputs. Queues and containers are made with their first content. */
export function createOutputs(connections: StorageConnections, encoding: 'base64' | 'none'): DeliverOutputs {
  return async (fn, outputs, bindingData = {}) => {
    for (const [name, data] of Object.entries(outputs)) {
      const binding = fn.bindings[name];
      const type = binding?.type.toLowerCase();
      if (!binding) continue;
      if (type === 'queue') await sendMessages(connections, encoding, binding, data);
      else if (type === 'blob') await writeBlob(connections, binding, data, bindingData);
    }
  };
}

async function sendMessages(
  connections: StorageConnections,
  encoding: 'base64' | 'none',
  binding: Binding,
  data: TypedData,
): Promise<void> {
  const { queueName, connection } = queueBinding.parse(binding);
  const value = fromTypedData(data);
  const messages: unknown[] = Array.isArray(value) ? value : [value];
  const queue = (await connections.queues(connection)).getQueueClient(queueName);
  for (const message of messages) {
    if (message === null || message === undefined) continue;
    const content = Buffer.from(toContent(message));
    await send(queue, content.toString(encoding === 'base64' ? 'base64' : 'utf8'));
  }
}

async function send(queue: QueueClient, text: string): Promise<void> {
  if (await orUndefined(queue.sendMessage(text))) return;
  await queue.createIfNotExists();
  await queue.sendMessage(text);
}

async function writeBlob(
  connections: StorageConnections,
  binding: Binding,
  data: TypedData,
  bindingData: BindingData,
): Promise<void> {
  const { path, connection } = blobBinding.parse(binding);
  const filled = fillPath(path, bindingData);
  const slash = filled.indexOf('/');
  if (slash < 1) throw new Error(`The blob output path "${filled}" names no blob: it has to be container/name.`);
  const container = (await connections.blobs(connection)).getContainerClient(filled.slice(0, slash));
  const blob = container.getBlockBlobClient(filled.slice(slash + 1));
  const content = Buffer.from(toContent(fromTypedData(data)));
  if (await orUndefined(blob.uploadData(content))) return;
  await container.createIfNotExists();
  await blob.uploadData(content);
}
