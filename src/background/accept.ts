import { entryId, type Directory } from '../chains/directory.ts';
import type { ChainRecord } from '../chains/record.ts';
import type { ChainStore } from '../chains/store.ts';
import type { GatewayError } from '../errors.ts';
import type { Clock } from '../platform/clock.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { Created } from '../responses/create.ts';
import { noteTurn } from '../responses/keep.ts';
import type { Turn } from '../responses/prepare.ts';
import { show, type ImageForm, type Present, type Shown } from '../responses/present.ts';
import { firstRun, type Opened, type Submit, type Submitted, type SubmitWith } from './submit.ts';

/** Starts (or finds running) the orchestration that watches over a run. */
export interface Orchestrations {
  start(id: string): Promise<void>;
}

/** What the reconciler must know of orchestrations beside that. */
export interface Loops extends Orchestrations {
  /** When the one of this id last moved (ms); undefined when there is none at work. */
  movedAt(id: string): Promise<number | undefined>;
}

export interface AcceptDeps {
  store: ChainStore;
  directory: Directory;
  submit: Submit;
  present: Present;
  clock: Clock;
  log: Log;
}

/**
 * Takes a background create: once the record is written the run reaches an end, whatever happens to this process.
 * A request the service refuses is refused at once, as Azure does, and leaves nothing behind.
 */
export type Accept = (turn: Turn, orchestrations: Orchestrations, images: ImageForm) => Promise<Created>;

export function createAccept(deps: AcceptDeps): Accept {
  return async (turn, orchestrations, images) => {
    const record = await deps.store.create(acceptedRecord(deps.clock, turn));
    const [submitted] = await Promise.all([
      unlessBroken(deps, record, deps.submit(record, requestOf(turn))),
      watchOver(deps, record, orchestrations),
    ]);
    const refusal = refusalOf(submitted, turn);
    if (refusal !== undefined) return refuse(deps, record, refusal);
    const taken = submitted?.outcome === 'submitted' ? submitted : undefined;
    const serviceRequestId = taken?.record.service?.requestId;
    deps.log.accepted({ ...originOf(record), submitted: taken !== undefined, serviceRequestId });
    if (taken === undefined) return showAccepted(deps, record, images);
    return { ...(await show(deps.present, taken.record, images)), rateLimits: taken.rateLimits };
  };
}

/** It is accepted, whatever the store says now. */
async function showAccepted(deps: AcceptDeps, record: ChainRecord, images: ImageForm): Promise<Shown> {
  const now = await unlessBroken(deps, record, deps.store.read(record.id));
  if (now?.status !== 'deleted') return show(deps.present, now ?? record, images);
  // Its owner has deleted it already, and a tombstone has nothing to show: the answer is what was accepted, at its end.
  const { response, rebuilt } = await show(deps.present, record, images);
  return { response: { ...response, status: 'cancelled' }, rebuilt };
}

/** The record of a run that is about to be submitted by its own handler. */
export const acceptedRecord = (clock: Clock, turn: Turn): ChainRecord => ({
  ...turn.record,
  imageDeployment: turn.imageDeployment,
  run: firstRun(clock, turn.secret),
});

export const requestOf = ({ serviceBody, parent, imageDeployment }: Turn): SubmitWith => ({
  body: serviceBody,
  parent,
  imageDeployment,
});

/** Once the record stands the run is accepted: what breaks now is for the loop and the reconciler to mend, not an answer. */
export async function unlessBroken<T>(
  deps: Pick<AcceptDeps, 'log'>,
  record: ChainRecord,
  work: Promise<T>,
): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    deps.log.failed({ requestId: record.requestId, operation: 'acceptBackground', error });
    return undefined;
  }
}

/** Starts the loop and notes the turn. */
export async function watchOver(
  deps: Pick<AcceptDeps, 'log' | 'directory' | 'store'>,
  record: ChainRecord,
  orchestrations: Orchestrations,
): Promise<void> {
  await Promise.all([
    unlessBroken(deps, record, orchestrations.start(record.id)),
    unlessBroken(deps, record, noteTurn(deps, record)),
  ]);
}

/** Why a run is not accepted after all: the service will not take it, or not now, and what it needs is not kept. */
export const refusalOf = (submitted: Submitted | Opened | undefined, { secret }: Turn): GatewayError | undefined =>
  submitted?.outcome === 'refused' || (submitted?.outcome === 'put-off' && secret) ? submitted.error : undefined;

/** Takes back what was accepted: the service will not do it, and its caller is told so at once. */
export async function refuse(
  deps: Pick<AcceptDeps, 'store' | 'directory'>,
  record: ChainRecord,
  error: GatewayError,
): Promise<never> {
  // The orchestration finds nothing and ends.
  await deps.store.remove(record);
  // A chain that begins with a refusal is none.
  if (record.parentId === null) await deps.directory.remove(record.owner, entryId('chain', record.chainId));
  throw error;
}
