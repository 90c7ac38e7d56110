import { unixSeconds, type Clock } from '../platform/clock.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { ChainRecord } from './record.ts';

/** The one line that every response ends with; of one that is not stored the record does not know the end. */
export function logFinished(
  deps: { log: Log; clock: Clock },
  record: ChainRecord,
  end: { status: string; serviceRequestId?: string | null } = {
    status: record.status,
    serviceRequestId: record.service?.requestId,
  },
): void {
  const { background, streamed } = record;
  const seconds = unixSeconds(deps.clock) - record.createdAt;
  deps.log.finished({ ...originOf(record), background, streamed, seconds, ...end });
}
