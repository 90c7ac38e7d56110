import { EventType, historyEvent, parseHistoryEvent, type HistoryEvent } from '../history-event.ts';
import { isFinished } from '../runtime-status.ts';
import type { Instance, Message } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { HistoryCache } from './history-cache.ts';

/** What one turn works on: the orchestration as it was, and what has arrived since. */
export interface Turn {
  instance: Instance;
  /** ms since 1970. */
  now: number;
  /** Everything that the turn uses up, out-of-date messages included. */
  messages: readonly Message[];
  /** Events of earlier turns. */
  past: readonly HistoryEvent[];
  /** The turn's own start, and what has arrived. */
  fresh: readonly HistoryEvent[];
}

const WHILE_SUSPENDED: ReadonlySet<number> = new Set([
  EventType.ExecutionTerminated,
  EventType.ExecutionSuspended,
  EventType.ExecutionResumed,
]);

/** Reads the inbox; drops what is of no use. @returns undefined when nothing is left to do */
export function takeTurn(
  { store, cache }: { store: Store; cache: HistoryCache },
  instanceId: string,
  now: number,
): Turn | undefined {
  const due = store.dueMessages(instanceId, now);
  if (due.length === 0) return undefined;
  const instance = store.instance(instanceId);
  if (!instance || isFinished(instance.status)) {
    drop(store, due);
    return undefined;
  }
  const arrived = due.map((message) => ({ message, event: parseHistoryEvent(message.event) }));
  const wanted =
    instance.status === 'Suspended' ? arrived.filter(({ event }) => WHILE_SUSPENDED.has(event.EventType)) : arrived;
  // What belongs to an execution that has continued as new is over.
  const live = wanted.filter(
    ({ message }) => message.executionId === null || message.executionId === instance.executionId,
  );
  const messages = wanted.map(({ message }) => message);
  if (live.length === 0) {
    drop(store, messages);
    return undefined;
  }
  return {
    instance,
    now,
    messages,
    past: cache.read(instanceId, instance.executionId),
    fresh: [historyEvent(EventType.OrchestratorStarted, now), ...live.map(({ event }) => event)],
  };
}

function drop(store: Store, messages: readonly Message[]): void {
  if (messages.length === 0) return;
  store.transaction(() => {
    store.dropMessages(messages.map(({ id }) => id));
  });
}
