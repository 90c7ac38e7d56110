import { Webhook } from 'standardwebhooks';
import type { Directory } from '../chains/directory.ts';
import type { ChainRecord, WebhookState } from '../chains/record.ts';
import { isTerminal } from '../chains/status.ts';
import type { ChainStore } from '../chains/store.ts';
import { notFound } from '../errors.ts';
import { remainingMs, type Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { originOf, type Log } from '../platform/log.ts';
import type { SendOutbound } from '../platform/outbound.ts';
import type { JsonObject } from '../upstream/wire.ts';
import { createDeliveries, eventOf, view, type Deliveries } from './deliveries.ts';
import { untold } from './end-of-run.ts';
import { wait, type Progress } from './progress.ts';

/** Pauses after failed deliveries: 19 hours in all, then the delivery is given up and waits to be replayed. */
const BACKOFF_SECONDS = [5, 30, 2 * 60, 10 * 60, 30 * 60, 3600, 2 * 3600, 5 * 3600, 10 * 3600];

/** Receivers should put work aside and answer; one that takes longer counts as failed. */
const ANSWER_LIMIT_MS = 15_000;

export interface WebhookDeps {
  store: ChainStore;
  directory: Directory;
  webhooks: Config['webhooks'];
  send: SendOutbound;
  clock: Clock;
  log: Log;
}

/** Tells the receiver how a run has ended, once it is time to. Undefined when nothing is left to do. */
export type Tell = (record: ChainRecord) => Promise<Progress | undefined>;

export interface Webhooks {
  tell: Tell;
  list(...page: Parameters<Deliveries['list']>): ReturnType<Deliveries['list']>;
  /** Sends one again at once. Throws `not_found` for one that is not the caller's, or was delivered. */
  replay(owner: string, responseId: string): Promise<JsonObject>;
}

export function createWebhooks(deps: WebhookDeps): Webhooks {
  const deliveries = createDeliveries(deps);
  const { url } = deps.webhooks;
  return {
    async tell(record) {
      const telling = tellingOf(record);
      if (url === undefined || !isTerminal(record.status) || telling.state !== 'pending') return undefined;
      const early = remainingMs(telling.nextAt, deps.clock.now(), pauseMs(telling.attempts));
      if (early > 0) return wait(early, 'ended; waiting to tell the receiver of the webhook');
      const after = await attempt(deps, deliveries, record, url);
      return after.state === 'pending'
        ? wait(after.nextAt - deps.clock.now(), 'ended; the receiver of the webhook is not taking it')
        : undefined;
    },
    list: (owner, page) => deliveries.list(owner, page),
    async replay(owner, responseId) {
      const record = await deps.store.read(responseId);
      const known = record?.owner === owner && isTerminal(record.status) && (await deliveries.has(record));
      if (!known || url === undefined) throw notFound('Delivery', responseId);
      return view(record, await attempt(deps, deliveries, record, url));
    },
  };
}

/** The pause after so many attempts. */
const pauseMs = (attempts: number): number => (BACKOFF_SECONDS[attempts - 1] ?? 0) * 1000;

/** Records that ended before a receiver was configured, or in an earlier version, know nothing of it. */
const tellingOf = (record: ChainRecord): WebhookState => record.run?.webhook ?? untold(record.updatedAt * 1000);

/** One delivery, and what came of it. A telling that somebody else has finished meanwhile stays finished. */
async function attempt(
  deps: WebhookDeps,
  deliveries: Deliveries,
  record: ChainRecord,
  url: string,
): Promise<WebhookState> {
  const before = tellingOf(record);
  const status = await post(deps, record, url, before.endedAt);
  const delivered = status !== null && status >= 200 && status < 300;
  const after = delivered
    ? { ...before, state: 'delivered' as const, attempts: before.attempts + 1 }
    : later(deps, before);
  if (delivered) {
    deps.log.webhookDelivered({ ...originOf(record), attempts: after.attempts, status });
  } else {
    const givenUp = after.state === 'given_up';
    deps.log.webhookFailed({ ...originOf(record), attempts: after.attempts, status, givenUp });
    await deliveries.note(record, after, status);
  }
  const stored = await deps.store.update(record.id, (current) =>
    current.run === undefined || current.status === 'deleted' || current.run.webhook?.state === 'delivered'
      ? undefined
      : { ...current, run: { ...current.run, webhook: after } },
  );
  // What was taken at the first try was never listed.
  if (isOver(stored) && !(delivered && after.attempts === 1)) await deliveries.forget(record);
  return stored?.run?.webhook ?? after;
}

const isOver = (stored: ChainRecord | undefined): boolean =>
  stored === undefined || stored.status === 'deleted' || stored.run?.webhook?.state === 'delivered';

function later({ clock }: Pick<WebhookDeps, 'clock'>, before: WebhookState): WebhookState {
  const attempts = before.attempts + 1;
  const state = attempts > BACKOFF_SECONDS.length ? 'given_up' : 'pending';
  return { ...before, state, attempts, nextAt: clock.now() + pauseMs(attempts) };
}

/** The receiver's status; null when there was no answer, or the address may not be called. */
async function post(deps: WebhookDeps, record: ChainRecord, url: string, endedAt: number): Promise<number | null> {
  // The same id and body at every attempt: receivers know a repetition by it.
  const id = `evt_${record.id.slice(5)}`;
  const at = deps.clock.now();
  const body = JSON.stringify({
    object: 'event',
    id,
    type: eventOf(record),
    created_at: Math.floor(endedAt / 1000),
    data: { id: record.id },
  });
  // One signature for each secret: a receiver that still has the old one accepts it while secrets are rotated.
  const signatures = deps.webhooks.secrets.map((secret) => new Webhook(secret).sign(id, new Date(at), body));
  try {
    return await deps.send(url, {
      timeoutMs: ANSWER_LIMIT_MS,
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'responses-gateway',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at / 1000)),
        'webhook-signature': signatures.join(' '),
        ...(record.traceparent === undefined ? {} : { traceparent: record.traceparent }),
      },
    });
  } catch {
    // Why there was no answer is the receiver's to find out; that there was none is logged by the caller.
    return null;
  }
}
