import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Entry } from '../scenarios/journal.ts';
import type { Plan } from '../scenarios/plan.ts';
import type { Answer } from './answer.ts';
import type { Upload } from './upload.ts';

/** One request, with its body read and its faults known. */
export interface Call {
  /** The ids in the path, in order. */
  params: readonly string[];
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Parsed JSON; an empty object when there was no body. */
  body: unknown;
  upload?: Upload;
  plan: Plan;
  entry: Entry;
  /** Aborted when the caller hangs up. */
  signal: AbortSignal;
  /** Where a stream is written; everything else is returned. */
  response: ServerResponse;
  /** `performance.now()` when the request came in. */
  startedAt: number;
}

/** The operation has written its answer to the connection itself. */
export const STREAMED = Symbol('streamed');

export type Outcome = Answer | typeof STREAMED;
