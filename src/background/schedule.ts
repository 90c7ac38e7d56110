/** When to look at a background run again. Pure: the orchestrator and the tests use the same functions. */

export interface Pace {
  firstMs: number;
  maxMs: number;
}

/** Each interval is this much longer than the one before. */
const GROWTH = 1.3;

/** The pause after so many looks: it grows until {@link Pace.maxMs}, because what runs long tends to run longer. */
export const nextDelay = (polls: number, pace: Pace): number =>
  Math.round(Math.min(pace.firstMs * GROWTH ** Math.min(polls, 40), pace.maxMs));

/** A later moment. The orchestrator may not make one itself: it is replayed. */
export const later = (moment: Date, milliseconds: number): Date => new Date(moment.getTime() + milliseconds);

/** How often a service may answer with a status that nobody has heard of before the run is given up. */
export const UNKNOWN_STATUS_LIMIT = 20;

/** A run that vanished, or failed without a reason, is submitted once more. */
export const SUBMISSION_LIMIT = 2;

/** Rounds of the polling loop in one generation of an orchestration: replaying cost grows with its history. */
export const ROUNDS_PER_GENERATION = 50;
