import { withLinks } from '../artifacts/images.ts';
import { containerEntry, containersIn } from '../containers/entry.ts';
import { takeBack, type DebtDeps } from '../chains/debt.ts';
import type { Directory } from '../chains/directory.ts';
import { logFinished } from '../chains/log-finished.ts';
import { toEnvelope } from '../chains/envelope.ts';
import type { ChainRecord } from '../chains/record.ts';
import { maskItem } from '../chains/secrets.ts';
import { readServiceStatus } from '../chains/status.ts';
import { LostRace, type ChainStore } from '../chains/store.ts';
import { GatewayError } from '../errors.ts';
import { PLAIN_CREATE_LIMIT_MS } from '../platform/limits.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { ServiceAnswer, ServiceClient } from '../upstream/client.ts';
import { toItem } from '../upstream/items.ts';
import type { RateLimits } from '../upstream/rate-limits.ts';
import type { JsonObject, ServiceResponse } from '../upstream/wire.ts';
import type { Abandon } from './abandon.ts';
import type { Ask } from './ask.ts';
import type { Finish, Finished } from './finish.ts';
import type { Turn } from './prepare.ts';
import { imageLink, type ImageForm, type Shown } from './present.ts';

export interface CreateDeps {
  store: ChainStore;
  directory: Directory;
  service: Pick<ServiceClient, 'createResponse'> & DebtDeps['service'];
  ask: Ask;
  finish: Finish;
  abandon: Abandon;
  clock: Clock;
  log: Log;
}

export interface Created extends Shown {
  rateLimits?: RateLimits;
}

/** A create that waits for its answer: at most one read and two writes beside the call to the service. */
export type CreatePlain = (turn: Turn, images: ImageForm) => Promise<Created>;

export function createPlain(deps: CreateDeps): CreatePlain {
  return async (turn, images) => {
    if (!turn.request.store && images.as === 'links') {
      const message = "'images=url' needs 'store': an image that is not stored has no address.";
      throw new GatewayError('unsupported_combination', message, { param: 'store' });
    }
    const { answer, rebuilt } = await deps.ask(turn, (body) =>
      deps.service.createResponse(body, {
        timeoutMs: PLAIN_CREATE_LIMIT_MS,
        imageDeployment: turn.imageDeployment,
        traceparent: turn.record.traceparent,
      }),
    );
    const { rateLimits } = answer;
    if (!turn.request.store) {
      return { response: await unstored(deps, turn.record, answer), rebuilt, rateLimits };
    }
    const finished = await finishOrGiveUp(deps, turn.record, answer, rebuilt);
    if (finished === undefined) {
      return { response: { ...(await unstored(deps, turn.record, answer)), store: false }, rebuilt, rateLimits };
    }
    const { record, output } = finished;
    const stored = await keep(deps, record);
    const shown =
      images.as === 'links'
        ? withLinks(output, record.images, (item) => imageLink(images.base, record.id, item))
        : output;
    const envelope = 'inline' in record.envelope ? record.envelope.inline : {};
    // A paid answer that could not be stored is still the caller's: `store: false` says that its id leads nowhere.
    return { response: { ...envelope, output: shown, ...(stored ? {} : { store: false }) }, rebuilt, rateLimits };
  };
}

/** Undefined when the images of a paid answer could not be put aside: what a record would name is not there, so there is none. */
async function finishOrGiveUp(
  deps: CreateDeps,
  record: ChainRecord,
  answer: ServiceAnswer<ServiceResponse>,
  rebuilt: boolean,
): Promise<Finished | undefined> {
  try {
    return await deps.finish(record, answer, { rebuilt });
  } catch (error) {
    deps.log.notStored({ requestId: record.requestId, responseId: record.id, error });
    return undefined;
  }
}

/** The answer of a turn that leaves no trace: but for the containers made for it, which only their owner may open. */
export async function unstored(
  deps: Pick<CreateDeps, 'directory' | 'clock' | 'log'>,
  record: ChainRecord,
  { body, requestId }: ServiceAnswer<ServiceResponse>,
): Promise<JsonObject> {
  const { output: raw, ...rest } = body;
  const output = raw.map((item) => maskItem(toItem(item)));
  await noteContainers(deps.directory, { ...record, output: { inline: output } }).catch((error: unknown) => {
    deps.log.cleanUpFailed({ responseId: record.id, what: 'note-container', error });
  });
  logFinished(deps, record, { status: readServiceStatus(body.status) ?? 'unknown', serviceRequestId: requestId });
  return { ...toEnvelope(record, rest), output };
}

/** Writes the record and notes the turn in its owner's directory, in parallel. Says whether the record is kept. The response has ended either way. */
export async function keep(
  deps: Omit<CreateDeps, 'service' | 'ask' | 'finish'> & Pick<DebtDeps, 'service'>,
  record: Parameters<ChainStore['create']>[0],
): Promise<boolean> {
  logFinished(deps, record);
  const [written, noted] = await Promise.allSettled([
    deps.store.create(record),
    noteTurn(deps.directory, record),
    noteContainers(deps.directory, record),
  ]);
  if (noted.status === 'rejected')
    deps.log.cleanUpFailed({ responseId: record.id, what: 'note-turn', error: noted.reason });
  if (written.status === 'fulfilled') return true;
  if (written.reason instanceof LostRace) {
    // Made twice with one Idempotency-Key, because the first was taken for dead: its answer stands, and is everybody's.
    await takeBackSecond(deps, record);
    if (!record.streamed) throw written.reason;
  }
  const refused = written.reason instanceof GatewayError && written.reason.kind === 'parent_not_found';
  // Any other failure is ambiguous: the record may have been written, and what it names must stay.
  if (refused) await deps.abandon(record);
  deps.log.notStored({ requestId: record.requestId, responseId: record.id, error: written.reason });
  return false;
}

/** What the service keeps of an answer that came second is named by nobody; unless the record that is there is ours after all. */
async function takeBackSecond(
  deps: Pick<CreateDeps, 'store' | 'log'> & Pick<DebtDeps, 'service'>,
  record: ChainRecord,
): Promise<void> {
  const there = await deps.store.read(record.id).catch(() => undefined);
  if (record.service === undefined || there === undefined || there.service?.id === record.service.id) return;
  await takeBack(deps, record, record.service);
}

export const noteTurn = (directory: Directory, record: Parameters<ChainStore['create']>[0]): Promise<void> =>
  directory.noteTurn({
    owner: record.owner,
    chainId: record.chainId,
    first: record.depth === 0,
    title: record.preview,
    ttl: record.ttl,
  });

/** Whose the containers are that the service made while it answered. No write when there are none. */
export async function noteContainers(directory: Directory, record: Parameters<ChainStore['create']>[0]): Promise<void> {
  const output = 'inline' in record.output ? record.output.inline : [];
  const facts = { name: 'auto', createdAt: record.createdAt, auto: true as const };
  await Promise.all(
    containersIn(output).map((id) => unlessNoted(directory.create(containerEntry(record.owner, id, facts)))),
  );
}

/** A container that was used before, or that its owner has made, is in the directory already. */
const unlessNoted = (noting: Promise<unknown>): Promise<unknown> =>
  noting.catch((error: unknown) => {
    if (!(error instanceof LostRace)) throw error;
  });
