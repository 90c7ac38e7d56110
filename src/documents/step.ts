import { DONE, type Progress } from '../background/progress.ts';
import type { DocumentEntry } from './entry.ts';

/** What a step gives: the entry after it (go on), or how long to wait. */
export type Step = { entry: DocumentEntry } | Progress;

/** On with the entry as it was written; undefined when it is gone, or somebody else has moved it on. */
export const next = (entry: DocumentEntry | undefined): Step => (entry === undefined ? DONE : { entry });
