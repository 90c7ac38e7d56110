/** The life of a response: `queued -> in_progress -> completed | failed | incomplete | cancelled`; `deleted` ends everything. */
export const TERMINAL_STATUSES = ['completed', 'failed', 'incomplete', 'cancelled'] as const;
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];
export type LiveStatus = 'queued' | 'in_progress';
export type ResponseStatus = LiveStatus | TerminalStatus;
export type RecordStatus = ResponseStatus | 'deleted';

export const isTerminal = (status: string): status is TerminalStatus =>
  TERMINAL_STATUSES.some((terminal) => terminal === status);

/** Whether a response of this status may still change by itself. */
export const isLive = (status: RecordStatus): status is LiveStatus => status === 'queued' || status === 'in_progress';

const ORDER: Record<LiveStatus, number> = { queued: 0, in_progress: 1 };

/** Whether a record may go from one status to another. Terminal states absorb; `deleted` absorbs all; nothing runs backwards. */
export function mayMove(from: RecordStatus, to: RecordStatus): boolean {
  if (from === 'deleted') return false;
  if (to === 'deleted') return true;
  if (isTerminal(from)) return false;
  return isTerminal(to) || ORDER[to] >= ORDER[from];
}

/** The service's status in our words; undefined for one that nobody has heard of: wait, count, give up. */
export function readServiceStatus(status: string | undefined): ResponseStatus | undefined {
  switch (status) {
    case 'queued':
    case 'in_progress':
    case 'completed':
    case 'failed':
    case 'incomplete':
    case 'cancelled':
      return status;
    default:
      return undefined;
  }
}
