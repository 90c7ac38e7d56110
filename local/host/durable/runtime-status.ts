/** The states of an orchestration, as the management API names them. */
export type RuntimeStatus = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated' | 'Canceled';

const FINISHED: ReadonlySet<string> = new Set<RuntimeStatus>(['Completed', 'Failed', 'Terminated', 'Canceled']);
const ALL: ReadonlySet<string> = new Set<RuntimeStatus>([
  'Pending',
  'Running',
  'Suspended',
  'Completed',
  'Failed',
  'Terminated',
  'Canceled',
]);

/** States that nothing leaves any more (but for a restart under the same id). */
export function isFinished(status: string): boolean {
  return FINISHED.has(status);
}

export function isRuntimeStatus(text: string): text is RuntimeStatus {
  return ALL.has(text);
}
