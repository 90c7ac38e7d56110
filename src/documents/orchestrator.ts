import { pollingLoop } from '../background/orchestrator.ts';

export const ADVANCE_DOCUMENT = 'advanceDocument';
export const ANALYSE_DOCUMENT = 'analyseDocument';

/** The loop of one dropped document: its instance id is the document's key. */
export const analyseDocument = pollingLoop(ADVANCE_DOCUMENT);
