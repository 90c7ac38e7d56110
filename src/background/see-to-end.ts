import type { ChainRecord } from '../chains/record.ts';
import { isTerminal, readServiceStatus } from '../chains/status.ts';
import type { ServiceAnswer } from '../upstream/client.ts';
import { advisedMs, ServiceError } from '../upstream/errors.ts';
import type { ServiceResponse } from '../upstream/wire.ts';
import { stop } from './cancel.ts';
import { logLook, type LookDeps } from './look.ts';
import { wait, type Progress } from './progress.ts';
import { pauseAt } from './schedule.ts';
import { noteLate } from './settle.ts';

/** A run that does not stop at the service is let go after this long: it ends there some day, and nobody waits for it. */
const LATE_LIMIT_MS = 30 * 60_000;

/**
 * A run that was ended here may go on at the service (the call that should stop it failed, came too late, or was ignored):
 * it is told again until it has ended, and what it cost is noted. Undefined when nothing is left to do.
 */
export async function seeToEnd(deps: LookDeps, record: ChainRecord): Promise<Progress | undefined> {
  const { service } = record;
  if (service === undefined || record.run?.endedHere !== true) return undefined;
  const sinceEnd = deps.clock.now() - record.updatedAt * 1000;
  if (sinceEnd > LATE_LIMIT_MS) return letGo(deps, record);
  const pause = pauseAt(sinceEnd, deps.polling);
  let answer: ServiceAnswer<ServiceResponse>;
  try {
    answer = await deps.service.retrieveResponse(service.id, {}, { traceparent: record.traceparent, retries: 0 });
  } catch (error) {
    if (error instanceof ServiceError && error.serviceStatus === 404) return letGo(deps, record);
    return wait(Math.max(advisedMs(error), pause), 'ended; the service does not say whether it has stopped');
  }
  logLook(deps, record, answer);
  const status = readServiceStatus(answer.body.status);
  if (status !== undefined && isTerminal(status)) {
    await noteLate(deps, record, answer);
    return undefined;
  }
  const advised = await stop(deps, record, service.id);
  return wait(Math.max(advised, pause), 'ended; stopping it at the service');
}

async function letGo(deps: LookDeps, record: ChainRecord): Promise<undefined> {
  await deps.store.update(record.id, (current) =>
    current.run === undefined ? undefined : { ...current, run: { ...current.run, endedHere: undefined } },
  );
}
