import type { EventLogs } from '../streams/log.ts';
import { createAccept, type Accept, type AcceptDeps } from './accept.ts';
import { createAcceptStream, type AcceptStream } from './accept-stream.ts';
import { createAdvance, type Advance, type AdvanceDeps } from './advance.ts';
import { createCancelRun, type CancelRun } from './cancel.ts';
import { createJobs, type Jobs } from './jobs.ts';
import type { PumpDeps } from './pump.ts';
import { createResume, type Resume } from './resume.ts';
import { createSettle, type SettleDeps } from './settle.ts';
import { createNoteRun, createOpenStream, createSubmit, type SubmitDeps } from './submit.ts';
import { createWebhooks, type WebhookDeps, type Webhooks } from './webhooks.ts';

/** What the doors and the documents use of background responses. */
export interface Background {
  accept: Accept;
  acceptStream: AcceptStream;
  advance: Advance;
  cancelRun: CancelRun;
  resume: Resume;
  jobs: Jobs;
  webhooks: Webhooks;
}

export type BackgroundDeps = SubmitDeps &
  SettleDeps &
  Omit<PumpDeps, 'settle'> &
  Omit<AcceptDeps, 'submit'> &
  Omit<AdvanceDeps, 'submit' | 'streams' | 'settle' | 'tell'> &
  WebhookDeps & { logs: EventLogs; streamLimitMs: number };

/** Puts the parts of the room together. */
export function createBackground(deps: BackgroundDeps): Background {
  const submit = createSubmit(deps);
  const accept = createAccept({ ...deps, submit });
  const settle = createSettle(deps);
  const webhooks = createWebhooks(deps);
  const streams = { ...deps, settle, openStream: createOpenStream(deps), noteRun: createNoteRun(deps) };
  return {
    accept,
    acceptStream: createAcceptStream({ ...streams, submit, accept }),
    advance: createAdvance({ ...deps, submit, settle, streams, tell: webhooks.tell }),
    cancelRun: createCancelRun(deps),
    resume: createResume(deps),
    jobs: createJobs(deps),
    webhooks,
  };
}
