/** What one step found; small, because it goes into history. */
export interface Progress {
  /** Nothing is left to do. */
  done: boolean;
  /** The run has its end, and what is left follows from it: its receiver is to be told, the service to be stopped. */
  ended?: true;
  /** Milliseconds until the next look. */
  delayMs: number;
  /** Where the run stands, for the person who looks at the orchestration. */
  note: string;
}

export const wait = (delayMs: number, note: string): Progress => ({
  done: false,
  delayMs: Math.max(Math.round(delayMs), 1),
  note,
});

export const DONE: Progress = { done: true, delayMs: 0, note: 'ended' };
