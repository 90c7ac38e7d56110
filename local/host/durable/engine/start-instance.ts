import { randomUUID } from 'node:crypto';
import { executionStarted } from '../history-event.ts';
import { isFinished } from '../runtime-status.ts';
import type { Instance, ParentTask } from '../store/records.ts';
import type { Store } from '../store/store.ts';

export interface InstanceStart {
  name: string;
  instanceId: string;
  /** JSON text. */
  input: string | null;
  version: string | null;
  parent: ParentTask | null;
  /** Whether a running orchestration of that id is given up for the new one. */
  replaceRunning: boolean;
}

/** The id belongs to an orchestration that has not ended. */
export class InstanceExistsError extends Error {
  override name = 'InstanceExistsError';
}

/** No id that Durable Functions would take. */
export class InvalidInstanceIdError extends Error {
  override name = 'InvalidInstanceIdError';
}

/** Sorts before every other message: an execution begins with its start. */
export const FIRST_OF_ALL = 0;

/** azure-functions-durable-extension, DurableClient.cs */
const MAX_INSTANCE_ID_LENGTH = 100;
const FORBIDDEN_IN_ID = /[/\\#?\u0000-\u001f\u007f-\u009f]/;

/** Ids as the real host makes them: a GUID without dashes. */
export function newId(): string {
  return randomUUID().replaceAll('-', '');
}

/** @throws InvalidInstanceIdError with the real host's words */
export function checkInstanceId(instanceId: string): void {
  if (instanceId.startsWith('@')) {
    throw new InvalidInstanceIdError('Orchestration instance ids must not start with @.');
  }
  if (FORBIDDEN_IN_ID.test(instanceId)) {
    throw new InvalidInstanceIdError('Orchestration instance ids must not contain /, \\, #, ?, or control characters.');
  }
  if (instanceId.length > MAX_INSTANCE_ID_LENGTH) {
    throw new InvalidInstanceIdError(`Instance ID lengths must not exceed ${MAX_INSTANCE_ID_LENGTH} characters.`);
  }
}

/**
 * Writes a new orchestration; a finished one of the same id makes room. Within the caller's transaction.
 * @throws InstanceExistsError
 */
export function startInstance(store: Store, start: InstanceStart, now: number): void {
  const { name, instanceId, input, version, parent } = start;
  const existing = store.instance(instanceId);
  if (existing && !isFinished(existing.status) && !start.replaceRunning) {
    throw new InstanceExistsError(`An Orchestration instance with the status ${existing.status} already exists.`);
  }
  if (existing) store.purge(instanceId);
  const instance: Instance = {
    instanceId,
    executionId: newId(),
    name,
    version,
    input,
    output: null,
    customStatus: null,
    status: 'Pending',
    createdAt: now,
    updatedAt: now,
    parent,
  };
  store.insertInstance(instance);
  store.send(instanceId, instance.executionId, FIRST_OF_ALL, executionStarted(instance, now));
}
