import { takeBack } from '../chains/debt.ts';
import { toEnvelope } from '../chains/envelope.ts';
import type { ChainRecord, Run } from '../chains/record.ts';
import { isLive, mayMove, readServiceStatus } from '../chains/status.ts';
import { LostRace, type ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import { remainingMs, type Clock } from '../platform/clock.ts';
import { newRequestId } from '../platform/ids.ts';
import { SUBMIT_LIMIT_MS } from '../platform/limits.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { Ask } from '../responses/ask.ts';
import type { ResolveReferences } from '../responses/references.ts';
import type { CallOptions, ServiceAnswer, ServiceClient } from '../upstream/client.ts';
import { advisedMs, ServiceError } from '../upstream/errors.ts';
import type { RateLimits } from '../upstream/rate-limits.ts';
import type { JsonObject, ServiceResponse } from '../upstream/wire.ts';

export interface SubmitDeps {
  store: ChainStore;
  service: Pick<ServiceClient, 'createResponse' | 'streamResponse' | 'cancelResponse' | 'deleteResponse' | 'endpoint'>;
  ask: Ask;
  resolveReferences: ResolveReferences;
  clock: Clock;
  log: Log;
}

/** The service has it. With what it said of its limits, when it was asked just now. */
interface Noted {
  outcome: 'submitted';
  record: ChainRecord;
  rateLimits?: RateLimits;
}

/**
 * - `submitted`: the service has it.
 * - `put-off`: it said no for now, or its answer was lost; the run stays accepted.
 * - `refused`: it will never take it.
 * - `lost`: somebody else holds the lease, or the run has ended meanwhile.
 */
export type Submitted =
  | Noted
  | { outcome: 'put-off'; delayMs: number; error: ServiceError; ambiguous: boolean }
  | { outcome: 'refused'; error: GatewayError }
  | { outcome: 'lost' };

/** What the create handler still has in its hands and the record does not: secrets, a resolved body. */
export interface SubmitWith {
  body: JsonObject;
  parent?: ChainRecord;
  imageDeployment?: string;
}

/**
 * Gives a background run to the service under a lease, so that nobody else does it at the same time.
 * With a request, the record is the caller's own, made a moment ago by {@link firstRun} with the lease in it.
 */
export type Submit = (record: ChainRecord, request?: SubmitWith) => Promise<Submitted>;

/** A stream of the service that has been opened under the lease; its first event will name the run. */
export interface Opened {
  outcome: 'opened';
  leased: ChainRecord;
  answer: Response;
  rebuilt: boolean;
}

/** Like {@link Submit}, but as a stream. Whoever gets it notes the run with {@link NoteRun} as soon as it is named. */
export type OpenStream = (
  record: ChainRecord,
  request: SubmitWith | undefined,
  signal: AbortSignal,
) => Promise<Opened | Exclude<Submitted, { outcome: 'submitted' }>>;

/** Writes what the service calls the run. `lost` when the run has ended or changed hands meanwhile: it is undone at the service. */
export type NoteRun = (
  leased: ChainRecord,
  answer: ServiceAnswer<ServiceResponse>,
  facts: { rebuilt: boolean; shift?: number },
) => Promise<Noted | { outcome: 'lost' }>;

/** The lease outlives the call by this much: nobody submits a second time while an answer may still come. */
const LEASE_MARGIN_MS = 10_000;

/** Between a submission whose answer was lost and the next one. */
const UNANSWERED_PAUSE_MS = 5_000;

export const LEASE_MS = SUBMIT_LIMIT_MS + LEASE_MARGIN_MS;

/** Of a record that its handler is about to submit: the lease costs no write of its own. */
export const firstRun = (clock: Clock, secret: boolean): Run => ({
  attempts: 1,
  lease: { attempt: newRequestId(), until: clock.now() + LEASE_MS },
  ...(secret ? { secret: true as const } : {}),
});

/** How long somebody may still be using the lease. */
export const leaseRemainsMs = (run: Run | undefined, now: number): number =>
  remainingMs(run?.lease?.until ?? 0, now, LEASE_MS);

/** Submissions of which nobody knows whether they reached the service, counting one whose submitter has died. */
export const unansweredOf = (run: Run | undefined): number =>
  (run?.unanswered ?? 0) + (run?.lease === undefined ? 0 : 1);

export function createSubmit(deps: SubmitDeps): Submit {
  return async (record, request) => {
    const asked = await askUnderLease(deps, record, request, (body, options) =>
      deps.service.createResponse({ ...body, stream: undefined, stream_options: undefined }, options),
    );
    if (asked.outcome !== 'asked') return asked;
    return noteSubmitted(deps, asked.leased, asked.answer, { rebuilt: asked.rebuilt });
  };
}

export function createOpenStream(deps: SubmitDeps): OpenStream {
  return async (record, request, signal) => {
    const asked = await askUnderLease(deps, record, request, (body, options) =>
      deps.service.streamResponse({ ...body, stream: true }, { ...options, signal }),
    );
    return asked.outcome === 'asked' ? { ...asked, outcome: 'opened' } : asked;
  };
}

export const createNoteRun =
  (deps: SubmitDeps): NoteRun =>
  (leased, answer, facts) =>
    noteSubmitted(deps, leased, answer, facts);

type AskedUnderLease<T> =
  { outcome: 'asked'; leased: ChainRecord; answer: T; rebuilt: boolean } | Exclude<Submitted, { outcome: 'submitted' }>;

async function askUnderLease<T>(
  deps: SubmitDeps,
  record: ChainRecord,
  request: SubmitWith | undefined,
  send: (body: JsonObject, options: CallOptions) => Promise<T>,
): Promise<AskedUnderLease<T>> {
  let leased: ChainRecord | undefined = record;
  try {
    const { body, parent, imageDeployment } = request ?? (await rememberedRequest(deps, record));
    if (request === undefined) leased = await takeLease(deps, record);
    if (leased === undefined) return { outcome: 'lost' };
    const options = { timeoutMs: SUBMIT_LIMIT_MS, imageDeployment, traceparent: record.traceparent };
    const { answer, rebuilt } = await deps.ask(
      { serviceBody: { ...body, background: true, store: true }, parent },
      (asked) => send(asked, options),
    );
    return { outcome: 'asked', leased, answer, rebuilt };
  } catch (error) {
    return putOff(deps, leased ?? record, error);
  }
}

/** The next attempt, written before the service is called. Undefined when somebody else was faster. */
async function takeLease(deps: SubmitDeps, record: ChainRecord): Promise<ChainRecord | undefined> {
  const run: Run = record.run ?? { attempts: 0 };
  // Whoever held an abandoned lease may have reached the service before it died.
  const unanswered = unansweredOf(run);
  const next: Run = {
    ...run,
    attempts: run.attempts + 1,
    lease: { attempt: newRequestId(), until: deps.clock.now() + LEASE_MS },
    nextLookAt: undefined,
    ...(unanswered > 0 ? { unanswered, possiblyDuplicated: true as const } : {}),
  };
  if (unanswered > 0) deps.log.possiblyDuplicated(originOf(record));
  try {
    return await deps.store.replace({ ...record, run: next });
  } catch (error) {
    if (error instanceof LostRace) return undefined;
    throw error;
  }
}

async function rememberedRequest(deps: SubmitDeps, record: ChainRecord): Promise<SubmitWith> {
  const [request, input, parent] = await Promise.all([
    deps.store.open(record.request),
    deps.store.open(record.input),
    record.parentId === null ? undefined : deps.store.read(record.parentId),
  ]);
  const { body } = await deps.resolveReferences(record.owner, { ...request, input });
  return { body, parent, imageDeployment: record.imageDeployment };
}

async function noteSubmitted(
  deps: SubmitDeps,
  leased: ChainRecord,
  answer: ServiceAnswer<ServiceResponse>,
  facts: { rebuilt: boolean; shift?: number },
): Promise<Noted | { outcome: 'lost' }> {
  let record: ChainRecord | undefined;
  try {
    record = await insist(deps.clock, () =>
      deps.store.update(
        leased.id,
        (current) =>
          isLive(current.status) && holdsLease(current, leased)
            ? submittedRecord(deps, current, answer, facts)
            : undefined,
        leased,
      ),
    );
  } catch (error) {
    // Nobody will ever know of this run: better none than one that is paid for in vain.
    await undo(deps, leased, answer);
    throw error;
  }
  if (record?.service?.id === answer.body.id) return { outcome: 'submitted', record, rateLimits: answer.rateLimits };
  await undo(deps, leased, answer);
  return { outcome: 'lost' };
}

function submittedRecord(
  deps: SubmitDeps,
  current: ChainRecord,
  { body, requestId }: ServiceAnswer<ServiceResponse>,
  facts: { rebuilt: boolean; shift?: number },
): ChainRecord {
  const { output: _output, ...rest } = body;
  const live = readServiceStatus(body.status);
  // A run that ended at once is finished by the next step, which fetches its output: one pipeline for all ends.
  const status = live === 'queued' && mayMove(current.status, live) ? live : 'in_progress';
  const now = deps.clock.now();
  return {
    ...current,
    status,
    service: { id: body.id, endpoint: deps.service.endpoint, requestId },
    envelope: { inline: { ...toEnvelope(current, rest), status } },
    run: {
      ...(current.run ?? { attempts: 1 }),
      lease: undefined,
      nextLookAt: undefined,
      submittedAt: now,
      startedAt: status === 'in_progress' ? now : undefined,
      shift: facts.shift,
    },
    ...(facts.rebuilt ? { rebuilt: true as const } : {}),
  };
}

/** Pauses between tries to write down what the service has taken: losing that would pay a second time. */
const INSIST_PAUSES_MS = [250, 1_000, 3_000, 6_000];

async function insist<T>(clock: Clock, write: () => Promise<T>): Promise<T> {
  for (const pause of INSIST_PAUSES_MS) {
    try {
      return await write();
    } catch {
      // The store may be back in a moment; the last try below tells when it is not.
      await clock.sleep(pause);
    }
  }
  return write();
}

const holdsLease = (current: ChainRecord, leased: ChainRecord): boolean =>
  current.run?.lease?.attempt === leased.run?.lease?.attempt;

/** The run was cancelled, deleted or taken over while the service was being asked: what was started there is ended. */
const undo = (deps: SubmitDeps, leased: ChainRecord, { body, requestId }: ServiceAnswer<ServiceResponse>) =>
  takeBack(deps, leased, { id: body.id, endpoint: deps.service.endpoint, requestId });

async function putOff(
  deps: SubmitDeps,
  leased: ChainRecord,
  error: unknown,
): Promise<Exclude<Submitted, { outcome: 'submitted' }>> {
  if (!(error instanceof GatewayError)) throw error;
  if (!(error instanceof ServiceError)) {
    // Our own store is out: that is nobody's refusal.
    if (error.kind === 'store_unavailable') throw error;
    return { outcome: 'refused', error };
  }
  // An answer of 500 says that the service itself has failed; 502, 504 and silence may hide that it has not.
  const ambiguous = error.certainty === 'ambiguous' && error.serviceStatus !== 500;
  const passing = error.passing || error.kind === 'gateway_not_authorized' || error.certainty === 'ambiguous';
  if (!passing) {
    const now = await deps.store.read(leased.id);
    // A submitter that was slow, and has been taken for dead: what the service has taken from its successor is not refused by this.
    return now !== undefined && holdsLease(now, leased) ? { outcome: 'refused', error } : { outcome: 'lost' };
  }
  const delayMs = ambiguous ? UNANSWERED_PAUSE_MS : advisedMs(error) || RETRY_WITHOUT_ADVICE_MS;
  await deps.store.update(leased.id, (current) =>
    holdsLease(current, leased)
      ? { ...current, run: putOffRun(current, ambiguous, deps.clock.now() + delayMs) }
      : undefined,
  );
  return { outcome: 'put-off', delayMs, error, ambiguous };
}

function putOffRun(record: ChainRecord, ambiguous: boolean, nextLookAt: number): Run {
  const run = record.run ?? { attempts: 1 };
  return ambiguous
    ? { ...run, lease: undefined, nextLookAt, unanswered: unansweredOf(run) }
    : // A refusal was no attempt: nothing ran, nothing was paid.
      { ...run, lease: undefined, nextLookAt, attempts: Math.max(run.attempts - 1, 0) };
}

const RETRY_WITHOUT_ADVICE_MS = 10_000;
