import type { QueueServiceClient } from '@azure/storage-queue';
import { orUndefined } from './storage-errors.ts';

/** Puts a message into a poison queue, which is made with the first one. */
export async function sendToPoison(service: QueueServiceClient, name: string, messageText: string): Promise<void> {
  const queue = service.getQueueClient(name);
  if (await orUndefined(queue.sendMessage(messageText))) return;
  await queue.createIfNotExists();
  await queue.sendMessage(messageText);
}
