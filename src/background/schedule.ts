/** When to look at a background run again. Pure: the orchestrator and the tests use the same functions. */

interface Pace {
  firstMs: number;
  maxMs: number;
}

/** Each interval is this much longer than the one before. */
const GROWTH = 1.3;

/** An interval grows after so many of the first ones. */
const STEP = 4;

/**
 * The pause before the next look at a run of this age: it grows until {@link Pace.maxMs}, because what runs long tends to run
 * longer. It follows the age, so that no write is needed to count looks.
 */
export function pauseAt(ageMs: number, { firstMs, maxMs }: Pace): number {
  const steps = Math.max(ageMs, 0) / (firstMs * STEP);
  return Math.round(Math.min(firstMs * GROWTH ** Math.min(steps, 40), maxMs));
}

/** A later moment. The orchestrator may not make one itself: it is replayed. */
export const later = (moment: Date, milliseconds: number): Date => new Date(moment.getTime() + milliseconds);

/** How often a service may answer with a status that nobody has heard of before the run is given up. */
export const UNKNOWN_STATUS_LIMIT = 20;

/** A run that vanished, or failed without a reason, is submitted once more. */
export const SUBMISSION_LIMIT = 2;

/** Rounds of the polling loop in one generation of an orchestration: replaying cost grows with its history. */
export const ROUNDS_PER_GENERATION = 50;
