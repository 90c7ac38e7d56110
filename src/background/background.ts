import type { EventLogs } from '../streams/log.ts';
import { createAccept, type Accept } from './accept.ts';
import { createAcceptStream, type AcceptStream } from './accept-stream.ts';
import { createAdvance, type Advance, type AdvanceDeps } from './advance.ts';
import { createCancelRun, type CancelRun } from './cancel.ts';
import { createResume, type Resume } from './resume.ts';
import { createNoteRun, createOpenStream, createSubmit, type SubmitDeps } from './submit.ts';
import type { AcceptDeps } from './accept.ts';
import type { PumpDeps } from './pump.ts';

/** What the doors and the documents use of background responses. */
export interface Background {
  accept: Accept;
  acceptStream: AcceptStream;
  advance: Advance;
  cancelRun: CancelRun;
  resume: Resume;
}

export type BackgroundDeps = SubmitDeps &
  PumpDeps &
  Omit<AcceptDeps, 'submit'> &
  Omit<AdvanceDeps, 'submit' | 'streams'> & { logs: EventLogs };

/** Puts the parts of the room together. */
export function createBackground(deps: BackgroundDeps): Background {
  const submit = createSubmit(deps);
  const openStream = createOpenStream(deps);
  const noteRun = createNoteRun(deps);
  const accept = createAccept({ ...deps, submit });
  const streams = { ...deps, openStream, noteRun };
  return {
    accept,
    acceptStream: createAcceptStream({ ...streams, submit, accept }),
    advance: createAdvance({ ...deps, submit, streams }),
    cancelRun: createCancelRun(deps),
    resume: createResume(deps),
  };
}
