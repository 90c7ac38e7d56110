import { setTimeout as delay } from 'node:timers/promises';
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { describe } from '../core/hosted-app.ts';
import { AppRestarted } from '../core/in-flight.ts';
import type { HostLog } from '../core/types.ts';

export interface MessagePumpOptions {
  queue: QueueClient;
  /** Messages fetched at once (storage allows 32). */
  batchSize: number;
  /** Fetches again once no more than this many are being worked on. */
  newBatchThreshold: number;
  /** How long a message stays hidden while it is worked on; renewed, so a crash is what ends it. */
  leaseSeconds: number;
  /** How long a message waits after a failure. */
  retryAfterSeconds: number;
  maxDequeueCount: number;
  /** Longest pause between two looks into an empty queue. */
  maxIdleMs: number;
  /** Throws to have the message tried again. */
  handle: (message: DequeuedMessageItem) => Promise<void>;
  /** Keeps a message that has failed too often. */
  poison: (message: DequeuedMessageItem) => Promise<void>;
  log: HostLog;
  category: string;
}

export interface MessagePump {
  /** Looks into the queue now. */
  wake(): void;
  /** Fetches no more, waits for what is being worked on. */
  stop(): Promise<void>;
}

const MIN_IDLE_MS = 100;
const AFTER_ERROR_MS = 2000;

/** Takes messages off a queue, several at a time, and lets go of each one only when it is done. */
export function pumpMessages(options: MessagePumpOptions): MessagePump {
  const { queue, batchSize, newBatchThreshold, log, category } = options;
  const stopping = new AbortController();
  const active = new Set<Promise<void>>();
  let wakeUp: () => void = () => undefined;

  async function pause(ms: number): Promise<void> {
    const nap = new AbortController();
    wakeUp = () => nap.abort();
    // An aborted pause is over: that is all there is to say.
    await delay(ms, undefined, { signal: AbortSignal.any([nap.signal, stopping.signal]) }).catch(() => undefined);
  }

  async function fetch(): Promise<DequeuedMessageItem[]> {
    const { receivedMessageItems } = await queue.receiveMessages({
      numberOfMessages: Math.min(32, batchSize),
      visibilityTimeout: options.leaseSeconds,
      abortSignal: stopping.signal,
    });
    return receivedMessageItems;
  }

  function take(message: DequeuedMessageItem): void {
    const work = process(options, message, stopping.signal)
      .catch((error: unknown) => log('error', category, describe(error)))
      .finally(() => active.delete(work));
    active.add(work);
  }

  async function run(): Promise<void> {
    let idleMs = MIN_IDLE_MS;
    while (!stopping.signal.aborted) {
      if (active.size > newBatchThreshold) {
        await Promise.race(active);
        continue;
      }
      const messages = await fetch().catch((error: unknown) => {
        if (!stopping.signal.aborted)
          log('error', category, `The queue '${queue.name}' cannot be read: ${briefly(error)}`);
        return undefined;
      });
      for (const message of messages ?? []) take(message);
      if (messages && messages.length > 0) {
        idleMs = MIN_IDLE_MS;
      } else {
        await pause(messages ? idleMs : AFTER_ERROR_MS);
        idleMs = Math.min(idleMs * 2, options.maxIdleMs);
      }
    }
  }

  const running = run();
  return {
    wake: () => wakeUp(),
    async stop() {
      stopping.abort();
      await running;
      await Promise.all(active);
    },
  };
}

async function process(
  options: MessagePumpOptions,
  message: DequeuedMessageItem,
  stopping: AbortSignal,
): Promise<void> {
  const { queue, log, category, maxDequeueCount } = options;
  const lease = holdLease(options, message);
  try {
    // A host that was killed while it worked on the message has counted too.
    if (message.dequeueCount <= maxDequeueCount) await options.handle(message);
    else await toPoison(options, message);
    await lease.release();
    await queue.deleteMessage(message.messageId, lease.popReceipt());
  } catch (error) {
    await lease.release();
    const cutOff = error instanceof AppRestarted;
    if (!cutOff)
      log('error', category, `Attempt ${message.dequeueCount} of ${maxDequeueCount} failed: ${describe(error)}`);
    if (message.dequeueCount >= maxDequeueCount && !cutOff) {
      await toPoison(options, message);
      await queue.deleteMessage(message.messageId, lease.popReceipt());
      return;
    }
    const wait = stopping.aborted ? 0 : options.retryAfterSeconds;
    await queue.updateMessage(message.messageId, lease.popReceipt(), message.messageText, wait);
  }
}

async function toPoison(options: MessagePumpOptions, message: DequeuedMessageItem): Promise<void> {
  await options.poison(message);
  options.log(
    'error',
    options.category,
    `A message has reached MaxDequeueCount of ${options.maxDequeueCount} and went to the poison queue of '${options.queue.name}'.`,
  );
}

/** Keeps a message hidden. Every renewal gives a new receipt, which is what later calls need. */
function holdLease(options: MessagePumpOptions, message: DequeuedMessageItem) {
  let receipt = message.popReceipt;
  let renewal: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewal = options.queue
      .updateMessage(message.messageId, receipt, message.messageText, options.leaseSeconds)
      .then((renewed) => {
        receipt = renewed.popReceipt ?? receipt;
      })
      .catch((error: unknown) =>
        options.log('warning', options.category, `A message could not be kept: ${briefly(error)}`),
      );
  }, options.leaseSeconds * 400);
  return {
    popReceipt: () => receipt,
    async release() {
      clearInterval(timer);
      await renewal;
    },
  };
}

/** One line of an error of storage: its stack says nothing. */
function briefly(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
}
