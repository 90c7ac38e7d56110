import { entryId, type Directory, type Entry } from '../chains/directory.ts';
import type { ChainRecord } from '../chains/record.ts';
import { LostRace, type ChainStore } from '../chains/store.ts';
import { GatewayError, notFound } from '../errors.ts';
import { sha256 } from '../platform/blobs.ts';
import { remainingMs, type Clock } from '../platform/clock.ts';
import { chainOf, newChainId, newResponseId } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import type { JsonObject } from '../upstream/wire.ts';

/** How long a key is remembered. */
const KEY_SECONDS = 24 * 3600;
const KEY_LIMIT_CHARS = 255;

/** Whoever works on a key says so again every third of this; a crashed one is replaced after it. */
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;

/** A repeat waits so long for the first one, then its caller is told to come back. */
const WAIT_MS = 60_000;
const LOOK_MS = 200;
const COME_BACK_SECONDS = 10;

/** The memory of one `Idempotency-Key`: which response it stands for, and who is making it. */
interface KeyEntry extends Entry {
  kind: 'idempotency';
  bodyHash: string;
  responseId: string;
  leaseUntil: number;
}

export interface OnceOrder {
  owner: string;
  key: string;
  body: JsonObject;
  /** Of the call, for the log. */
  requestId: string;
  traceparent: string;
}

export interface OnceActs<T> {
  /** Makes the response under this id. `ended` when the work goes on after the answer has begun (a stream). */
  run: (id: string) => Promise<{ answer: T; ended?: Promise<unknown> }>;
  /** Answers from the record of the first. */
  repeat: (record: ChainRecord) => Promise<T>;
}

/**
 * Does a create once for each key: a repeat, also one that arrives at the same time or after a crash, is answered from the record.
 * A create that left no record (it was refused, or failed) may be tried again with the same key.
 * @throws `idempotency_mismatch` for another body, `in_flight` when the first takes longer than a repeat can wait.
 */
export type Once = <T>(order: OnceOrder, acts: OnceActs<T>) => Promise<T>;

export interface OnceDeps {
  store: ChainStore;
  directory: Directory;
  clock: Clock;
  log: Log;
}

export function createOnce(deps: OnceDeps): Once {
  return async (order, acts) => {
    if (order.key.length > KEY_LIMIT_CHARS) {
      throw new GatewayError('invalid_value', `'Idempotency-Key' is longer than ${KEY_LIMIT_CHARS} characters.`);
    }
    const giveUpAt = deps.clock.ticks() + WAIT_MS;
    while (deps.clock.ticks() < giveUpAt) {
      const { entry, mine } = await claim(deps, order);
      // The id of a fresh key was drawn a moment ago: there is nothing to find.
      const record = mine === 'first' ? undefined : await deps.store.read(entry.responseId);
      if (record?.status === 'deleted') throw notFound('Response', record.id);
      if (record !== undefined) return acts.repeat(record);
      if (mine !== false) {
        // A run in the background has its record before the service hears of it: without one, nothing was paid.
        if (mine === 'after-another' && order.body.background !== true) {
          deps.log.possiblyDuplicated({
            responseId: entry.responseId,
            requestId: order.requestId,
            traceparent: order.traceparent,
          });
        }
        try {
          return await work(deps, entry, acts);
        } catch (error) {
          // Somebody else made it first, under the same id.
          if (!(error instanceof LostRace)) throw error;
        }
      }
      await deps.clock.sleep(LOOK_MS);
    }
    throw new GatewayError('in_flight', 'The first request with this Idempotency-Key still runs. Try again later.', {
      retryAfterSeconds: COME_BACK_SECONDS,
    });
  };
}

/** Whose a key is. */
interface Claim {
  entry: KeyEntry;
  /** This request is to make the response; `after-another`: one before it has begun to, and has not been heard of since. */
  mine: false | 'first' | 'after-another';
}

/** The entry of the key, made or taken over when nobody works on it. */
async function claim(deps: OnceDeps, { owner, key, body }: OnceOrder): Promise<Claim> {
  const id = entryId('idempotency', sha256(key));
  const bodyHash = sha256(JSON.stringify(body));
  const known = await deps.directory.read<KeyEntry>(owner, id);
  const now = deps.clock.now();
  const leaseUntil = now + LEASE_MS;
  try {
    if (known === undefined) {
      const parent = typeof body.previous_response_id === 'string' ? chainOf(body.previous_response_id) : undefined;
      const responseId = newResponseId(parent ?? newChainId());
      const entry: KeyEntry = { id, owner, kind: 'idempotency', bodyHash, responseId, leaseUntil, ttl: KEY_SECONDS };
      return { entry: await deps.directory.create(entry), mine: 'first' };
    }
    if (known.bodyHash !== bodyHash) {
      throw new GatewayError(
        'idempotency_mismatch',
        'This Idempotency-Key was used with another body. Use a new key for a new request.',
      );
    }
    if (remainingMs(known.leaseUntil, now, LEASE_MS) > 0) return { entry: known, mine: false };
    return { entry: await deps.directory.replace({ ...known, leaseUntil }), mine: 'after-another' };
  } catch (error) {
    if (!(error instanceof LostRace)) throw error;
    // Two arrived together: the other one has it.
    return { entry: (await deps.directory.read<KeyEntry>(owner, id)) ?? (await claimLater(deps)), mine: false };
  }
}

/** The entry came and went between two looks. */
const claimLater = (deps: OnceDeps): Promise<never> =>
  deps.clock.sleep(LOOK_MS).then(() => {
    throw new GatewayError('in_flight', 'The first request with this Idempotency-Key has just failed. Try again.', {
      retryAfterSeconds: 1,
    });
  });

async function work<T>(deps: OnceDeps, entry: KeyEntry, acts: OnceActs<T>): Promise<T> {
  const stop = keepLease(deps, entry);
  try {
    const { answer, ended } = await acts.run(entry.responseId);
    if (ended === undefined) await stop();
    else void ended.then(stop, stop);
    return answer;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Says again and again that somebody works on the key. The function it gives ends that, and forgets a key that has left no record. */
function keepLease(deps: OnceDeps, first: KeyEntry): () => Promise<void> {
  let entry: KeyEntry = first;
  let renewing: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    const next = { ...entry, leaseUntil: deps.clock.now() + LEASE_MS };
    try {
      entry = await deps.directory.replace(next);
    } catch {
      // Taken over, or the store is out for a moment, or only its answer was lost: then it must be renewed from there on.
      const there = await deps.directory.read<KeyEntry>(entry.owner, entry.id).catch(() => undefined);
      if (there?.leaseUntil === next.leaseUntil) entry = there;
    }
  };
  const timer = setInterval(() => {
    renewing = renew();
  }, RENEW_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await renewing;
    try {
      if ((await deps.store.read(entry.responseId)) === undefined) await deps.directory.remove(entry.owner, entry.id);
    } catch {
      // The lease runs out by itself.
    }
  };
}
