import type { ChainRecord, Run } from '../chains/record.ts';
import { isTerminal, readServiceStatus } from '../chains/status.ts';
import { LostRace, type ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import type { Clock } from '../platform/clock.ts';
import { newRequestId } from '../platform/ids.ts';
import { SUBMIT_LIMIT_MS } from '../platform/limits.ts';
import type { Log } from '../platform/log.ts';
import type { Ask } from '../responses/ask.ts';
import { toEnvelope } from '../responses/finish.ts';
import type { ResolveReferences } from '../responses/references.ts';
import type { CallOptions, ServiceAnswer, ServiceClient } from '../upstream/client.ts';
import { ServiceError } from '../upstream/errors.ts';
import type { JsonObject, ServiceResponse } from '../upstream/wire.ts';

export interface SubmitDeps {
  store: ChainStore;
  service: Pick<ServiceClient, 'createResponse' | 'streamResponse' | 'cancelResponse' | 'deleteResponse' | 'endpoint'>;
  ask: Ask;
  resolveReferences: ResolveReferences;
  clock: Clock;
  log: Log;
}

/**
 * - `submitted`: the service has it.
 * - `put-off`: it said no for now, or its answer was lost; the run stays accepted.
 * - `refused`: it will never take it.
 * - `lost`: somebody else holds the lease, or the run has ended meanwhile.
 */
export type Submitted =
  | { outcome: 'submitted'; record: ChainRecord }
  | { outcome: 'put-off'; delayMs: number; error: ServiceError; ambiguous: boolean }
  | { outcome: 'refused'; error: GatewayError }
  | { outcome: 'lost' };

/** What the create handler still has in its hands and the record does not: secrets, a resolved body. */
export interface SubmitWith {
  body: JsonObject;
  parent?: ChainRecord;
  imageDeployment?: string;
}

/** Gives a background run to the service under a lease, so that nobody else does it at the same time. */
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
) => Promise<{ outcome: 'submitted'; record: ChainRecord } | { outcome: 'lost' }>;

/** The lease outlives the call by this much: nobody submits a second time while an answer may still come. */
const LEASE_MARGIN_MS = 15_000;

export const LEASE_MS = SUBMIT_LIMIT_MS + LEASE_MARGIN_MS;

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
  const leased = await takeLease(deps, record);
  if (leased === undefined) return { outcome: 'lost' };
  try {
    const { body, parent, imageDeployment } = request ?? (await rememberedRequest(deps, leased));
    const options = { timeoutMs: SUBMIT_LIMIT_MS, imageDeployment, traceparent: record.traceparent };
    const { answer, rebuilt } = await deps.ask(
      { serviceBody: { ...body, background: true, store: true }, parent },
      (asked) => send(asked, options),
    );
    return { outcome: 'asked', leased, answer, rebuilt };
  } catch (error) {
    return putOff(deps, leased, error);
  }
}

/** The next attempt, written before the service is called. A lease that is already this caller's (fresh record) is kept. */
async function takeLease(deps: SubmitDeps, record: ChainRecord): Promise<ChainRecord | undefined> {
  const run: Run = record.run ?? { attempts: 0, polls: 0 };
  const now = deps.clock.now();
  const abandoned = run.lease !== undefined && run.lease.until <= now;
  const next: Run = {
    ...run,
    attempts: run.attempts + 1,
    lease: { attempt: newRequestId(), until: now + LEASE_MS },
    nextLookAt: undefined,
    // Whoever held the abandoned lease may have reached the service before it died.
    ...(abandoned ? { possiblyDuplicated: true as const } : {}),
  };
  if (abandoned) deps.log.possiblyDuplicated({ responseId: record.id });
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
  const body = await deps.resolveReferences(record.owner, { ...request, input });
  return { body, parent, imageDeployment: record.imageDeployment };
}

async function noteSubmitted(
  deps: SubmitDeps,
  leased: ChainRecord,
  { body, requestId }: ServiceAnswer<ServiceResponse>,
  facts: { rebuilt: boolean; shift?: number },
): Promise<{ outcome: 'submitted'; record: ChainRecord } | { outcome: 'lost' }> {
  const { output: _output, ...rest } = body;
  const service = { id: body.id, endpoint: deps.service.endpoint, requestId };
  const live = readServiceStatus(body.status);
  // A run that ended at once is finished by the next step, which fetches its output: one pipeline for all ends.
  const status = live === undefined || isTerminal(live) ? 'in_progress' : live;
  const now = deps.clock.now();
  const record = await deps.store.update(leased.id, (current) =>
    isTerminal(current.status) || current.status === 'deleted' || !holdsLease(current, leased)
      ? undefined
      : {
          ...current,
          status,
          service,
          envelope: { inline: { ...toEnvelope(current, rest), status } },
          run: {
            ...(current.run ?? { attempts: 1, polls: 0 }),
            lease: undefined,
            submittedAt: now,
            startedAt: status === 'in_progress' ? now : undefined,
            shift: facts.shift,
          },
          ...(facts.rebuilt ? { rebuilt: true as const } : {}),
        },
  );
  if (record?.service?.id === body.id) return { outcome: 'submitted', record };
  await undo(deps, leased.id, body.id);
  return { outcome: 'lost' };
}

const holdsLease = (current: ChainRecord, leased: ChainRecord): boolean =>
  current.run?.lease?.attempt === leased.run?.lease?.attempt;

/** The run was cancelled, deleted or taken over while the service was being asked: what was started there is ended. */
async function undo(deps: SubmitDeps, responseId: string, serviceId: string): Promise<void> {
  try {
    await deps.service.cancelResponse(serviceId).catch(() => undefined);
    await deps.service.deleteResponse(serviceId);
  } catch (error) {
    deps.log.cleanUpFailed({ responseId, what: 'undo-submission', error });
  }
}

async function putOff(
  deps: SubmitDeps,
  leased: ChainRecord,
  error: unknown,
): Promise<Exclude<Submitted, { outcome: 'submitted' }>> {
  if (!(error instanceof GatewayError)) throw error;
  if (!(error instanceof ServiceError)) return { outcome: 'refused', error };
  if (error.certainty === 'ambiguous') {
    // The lease stays: until it ends, the answer may still be on its way.
    return { outcome: 'put-off', delayMs: LEASE_MARGIN_MS, error, ambiguous: true };
  }
  if (!error.passing && error.kind !== 'gateway_not_authorized') return { outcome: 'refused', error };
  const delayMs = (error.detail.retryAfterSeconds ?? RETRY_WITHOUT_ADVICE_SECONDS) * 1000;
  await deps.store.update(leased.id, (current) =>
    holdsLease(current, leased)
      ? {
          ...current,
          run: {
            ...(current.run ?? { attempts: 0, polls: 0 }),
            // A refusal was no attempt: nothing ran, nothing was paid.
            attempts: Math.max((current.run?.attempts ?? 1) - 1, 0),
            lease: undefined,
            nextLookAt: deps.clock.now() + delayMs,
          },
        }
      : undefined,
  );
  return { outcome: 'put-off', delayMs, error, ambiguous: false };
}

const RETRY_WITHOUT_ADVICE_SECONDS = 30;
