import type { Instance } from '../store/records.ts';

/** The body of a status query (azure-functions-durable-extension, HttpApiHandler.cs). */
export interface InstanceView {
  name: string;
  instanceId: string;
  runtimeStatus: string;
  /** `input` and `output` are always there: the SDK throws without them. */
  input: unknown;
  customStatus: unknown;
  output: unknown;
  createdTime: string;
  lastUpdatedTime: string;
  historyEvents?: unknown[];
}

export function instanceView(instance: Instance, options: { showInput: boolean; history?: unknown[] }): InstanceView {
  return {
    name: instance.name,
    instanceId: instance.instanceId,
    runtimeStatus: instance.status,
    input: options.showInput ? tokenOf(instance.input) : null,
    customStatus: tokenOf(instance.customStatus),
    output: tokenOf(instance.output),
    createdTime: toSeconds(instance.createdAt),
    lastUpdatedTime: toSeconds(instance.updatedAt),
    ...(options.history ? { historyEvents: options.history } : {}),
  };
}

/** JSON where it parses, else the text: a reason of `123` becomes a number, as on the real host. */
export function tokenOf(text: string | null | undefined): unknown {
  if (text === null || text === undefined) return null;
  const trimmed = text.trim();
  if (trimmed === '') return '';
  try {
    return JSON.parse(trimmed);
  } catch {
    // Messages and reasons are plain text.
    return trimmed;
  }
}

function toSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
