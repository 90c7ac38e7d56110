import type { ChainRecord } from '../chains/record.ts';
import { isTerminal } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import { GatewayError, notFound } from '../errors.ts';
import { sha256 } from '../platform/blobs.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { newToken } from '../platform/ids.ts';
import { show, type ImageForm, type Present, type Shown } from '../responses/present.ts';
import { pauseAt } from './schedule.ts';

/** A link lives as long as its run may, and a day. */
const AFTERLIFE_MS = 24 * 3_600_000;

/** Every repeated create opens a further link; old ones go first. */
const TOKENS_KEPT = 8;

/** Where a job stands: what `GET /jobs/{id}` answers. */
export type Job = ({ done: true } | { done: false; retryAfterSeconds: number }) & Shown;

export interface Jobs {
  /** A link for a run that is about to be accepted: its token, and what the record keeps of it. */
  open(): { token: string; job: NonNullable<ChainRecord['job']> };
  /** A further link for a run that was accepted before: only hashes are kept, so the first cannot be given again. */
  reopen(record: ChainRecord): Promise<string>;
  /** For the holder of a token or the owner. @throws `unauthenticated` without either, `not_found` for the wrong one. */
  read(id: string, caller: { owner?: string; token?: string }, images: ImageForm): Promise<Job>;
}

export interface JobsDeps {
  store: ChainStore;
  present: Present;
  clock: Clock;
  polling: Config['polling'];
}

export function createJobs(deps: JobsDeps): Jobs {
  const { queuedLimitMs, runningLimitMs } = deps.polling;
  const until = (): number => deps.clock.now() + queuedLimitMs + runningLimitMs + AFTERLIFE_MS;
  return {
    open() {
      const token = newToken();
      return { token, job: { tokens: [sha256(token)], until: until() } };
    },
    async reopen(record) {
      const token = newToken();
      await deps.store.update(record.id, (current) => {
        const tokens = [...(current.job?.tokens ?? []), sha256(token)].slice(-TOKENS_KEPT);
        return { ...current, job: { tokens, until: until() } };
      });
      return token;
    },
    async read(id, { owner, token }, images) {
      if (owner === undefined && token === undefined) {
        throw new GatewayError(
          'unauthenticated',
          "Follow the link as it was given, with its 'token', or send your key.",
        );
      }
      const record = await deps.store.read(id);
      if (record === undefined || record.status === 'deleted' || !record.background) throw notFound('Job', id);
      if (record.owner !== owner && !opens(record, token, deps.clock.now())) throw notFound('Job', id);
      const shown = await show(deps.present, record, images);
      if (isTerminal(record.status)) return { ...shown, done: true };
      return { ...shown, done: false, retryAfterSeconds: retryAfter(deps, record) };
    },
  };
}

/** Hashes are compared, so the time it takes tells nothing about a token. */
const opens = ({ job }: ChainRecord, token: string | undefined, now: number): boolean =>
  token !== undefined && job !== undefined && now < job.until && job.tokens.includes(sha256(token));

/** The pace of our own looks: asking more often shows nothing new. */
const retryAfter = (deps: JobsDeps, record: ChainRecord): number =>
  Math.max(Math.ceil(pauseAt(deps.clock.now() - record.createdAt * 1000, deps.polling) / 1000), 1);
