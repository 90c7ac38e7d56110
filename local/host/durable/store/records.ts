import type { RuntimeStatus } from '../runtime-status.ts';

/** An orchestration. Texts of `input`, `output` and `customStatus` are JSON; times are ms since 1970. */
export interface Instance {
  instanceId: string;
  /** Changes with every continue-as-new and restart. */
  executionId: string;
  name: string;
  version: string | null;
  input: string | null;
  output: string | null;
  customStatus: string | null;
  status: RuntimeStatus;
  createdAt: number;
  updatedAt: number;
  parent: ParentTask | null;
}

/** The task of another orchestration that waits for this one. */
export interface ParentTask {
  instanceId: string;
  executionId: string;
  taskId: number;
}

/** Something in an orchestration's inbox: an end of a task, a timer (a message for later), a raised event. */
export interface Message {
  id: number;
  /** null: for whatever execution is current. */
  executionId: string | null;
  visibleAt: number;
  /** JSON text of a history event. */
  event: string;
}

/** An activity that has not ended: to be run, or running. */
export interface ActivityTask {
  id: number;
  instanceId: string;
  executionId: string;
  taskId: number;
  name: string;
  /** JSON text. */
  input: string | null;
  /** JSON text of the request, for `callHttp`. */
  httpRequest: string | null;
}

/** What of an instance a turn may change. */
export type InstanceChange = Partial<Pick<Instance, 'executionId' | 'input' | 'output' | 'customStatus' | 'status'>>;

export interface InstanceFilter {
  createdFrom?: number;
  createdTo?: number;
  statuses?: readonly RuntimeStatus[];
  idPrefix?: string;
}

export interface InstancePage extends InstanceFilter {
  top: number;
  /** Only instances behind this id, in the order of ids. */
  afterId?: string;
}
