import { pino, type Logger } from 'pino';
import type { ErrorName } from '../errors.ts';

/** What ties a line about a response to the request that asked for it, however much later it is written. */
export interface Origin {
  responseId: string;
  requestId: string;
  /** W3C trace context, as the service and the receiver of the webhook are given it. */
  traceparent?: string;
}

export const originOf = (record: { id: string; requestId: string; traceparent?: string }): Origin => ({
  responseId: record.id,
  requestId: record.requestId,
  traceparent: record.traceparent,
});

/**
 * Every line the gateway logs: one function each, with typed fields. No free text and never content:
 * ids, counts, statuses and times only. Written to stdout directly, because the invocation's own
 * logger is closed once a streamed handler has returned.
 */
export interface Log {
  answered(fields: {
    requestId: string;
    operation: string;
    status: number;
    milliseconds: number;
    error?: ErrorName;
  }): void;
  failed(fields: { requestId: string; operation: string; error: unknown }): void;
  notStored(fields: Origin & { error: unknown }): void;
  /** A background run was written down. `submitted`: the service has it, too. */
  accepted(fields: Origin & { submitted: boolean; serviceRequestId?: string | null }): void;
  /** A response has ended, whichever way it was asked for. `seconds`: from the create to the end. */
  finished(
    fields: Origin & {
      status: string;
      background: boolean;
      streamed: boolean;
      seconds: number;
      serviceRequestId?: string | null;
    },
  ): void;
  /** One look at a run at the service; `unanswered` when it did not say how the run stands. */
  polled(fields: Origin & { status: string; serviceRequestId?: string | null; serviceStatus?: number }): void;
  /** A run was accepted, or has moved, but nothing drives it: what was done about it. */
  repaired(fields: Origin & { what: string }): void;
  webhookDelivered(fields: Origin & { attempts: number; status: number }): void;
  webhookFailed(fields: Origin & { attempts: number; status: number | null; givenUp: boolean }): void;
  /** How many background runs have not ended, and how old the oldest is; 0 when there is none. */
  running(fields: { count: number; oldestSeconds: number }): void;
  cleanUpFailed(fields: Origin & { what: string; error: unknown }): void;
  unknownServiceStatus(fields: Origin & { status: string }): void;
  /** Somebody else's stream is read on, behind the event `from`. */
  pumpTakenOver(fields: Origin & { from: number }): void;
  possiblyDuplicated(fields: Origin): void;
  documentFinished(fields: { documentId: string; status: string; reason?: string }): void;
  maintenance(fields: { task: string; done: number; failed: number }): void;
}

/** What may be told of an unexpected error: its kind and where it was thrown, never its message, which can quote content. */
const describe = (error: unknown): Record<string, unknown> =>
  error instanceof Error
    ? { name: error.name, code: 'code' in error ? error.code : undefined, at: stackOf(error) }
    : { name: typeof error };

const stackOf = (error: Error): string[] =>
  (error.stack ?? '')
    // The message stands first, and its lines may look like frames.
    .replace(error.message, '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
    .map((line) => line.trim());

/** Lines are written behind the requests' backs: a pipe that is read slowly must not hold them up. */
const toStandardOutput = (): Logger =>
  pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 1, sync: false }));

export function createLog(logger: Logger = toStandardOutput()): Log {
  return {
    answered: (fields) => logger[fields.status >= 500 ? 'warn' : 'info'](fields, 'answered'),
    failed: ({ error, ...fields }) => logger.error({ ...fields, error: describe(error) }, 'failed'),
    notStored: ({ error, ...fields }) => logger.error({ ...fields, error: describe(error) }, 'answer-not-stored'),
    accepted: (fields) => logger.info(fields, 'accepted'),
    finished: (fields) => logger.info(fields, 'finished'),
    polled: (fields) => logger.info(fields, 'polled'),
    repaired: (fields) => logger.warn(fields, 'repaired'),
    webhookDelivered: (fields) => logger.info(fields, 'webhook-delivered'),
    webhookFailed: (fields) => logger[fields.givenUp ? 'error' : 'warn'](fields, 'webhook-failed'),
    running: (fields) => logger.info(fields, 'running'),
    cleanUpFailed: ({ error, ...fields }) => logger.warn({ ...fields, error: describe(error) }, 'clean-up-failed'),
    unknownServiceStatus: (fields) => logger.warn(fields, 'unknown-service-status'),
    pumpTakenOver: (fields) => logger.info(fields, 'pump-taken-over'),
    possiblyDuplicated: (fields) => logger.warn(fields, 'possibly-duplicated'),
    documentFinished: (fields) => logger.info(fields, 'document-finished'),
    maintenance: (fields) => logger.info(fields, 'maintenance'),
  };
}
